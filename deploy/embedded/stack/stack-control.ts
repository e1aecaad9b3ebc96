import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Supervisor } from '../processes/supervisor';
import { messageOf, StartFailure } from '../terminal/start-failure';

/** What it controls. */
export interface ControlledStack {
  readonly supervisor: Pick<Supervisor, 'parts' | 'startPart' | 'stopPart'>;
  /** Sees to it that everybody's logins are those of the stack's files: parts get theirs at their next start. */
  readonly refresh: () => Promise<void>;
  /** Ends the whole stack, as Ctrl-C does. */
  readonly endAll: () => Promise<void>;
}

/**
 * What `quorate stack` talks to: HTTP on a Unix socket in a folder that only this user can enter. Not in the folder of the
 * stack: a socket's path has at most 107 bytes.
 *
 *     GET /parts    POST /parts/NAME/start    POST /parts/NAME/stop    POST /refresh    POST /stop
 */
export class StackControl {
  private constructor(
    private readonly server: Server,
    readonly socket: string,
  ) {}

  static async start(stack: ControlledStack): Promise<StackControl> {
    const socket = join(mkdtempSync(join(tmpdir(), 'quorate-')), 'stack.sock');
    const server = createServer((request, response) => void answer(stack, request, response));
    server.listen(socket);
    await once(server, 'listening');
    server.unref();
    return new StackControl(server, socket);
  }

  get folder(): string {
    return dirname(this.socket);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function answer(
  { supervisor, refresh, endAll }: ControlledStack,
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const say = (status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  try {
    const [, name, verb] = /^\/parts\/([^/]+)\/(start|stop)$/.exec(url) ?? [];
    if (method === 'GET' && url === '/parts') say(200, { parts: supervisor.parts });
    else if (method === 'POST' && url === '/stop') {
      response.once('finish', () => void endAll());
      say(202, {});
    } else if (method === 'POST' && url === '/refresh') {
      await refresh();
      say(200, {});
    } else if (method === 'POST' && name !== undefined) {
      await (verb === 'start' ? supervisor.startPart(name) : supervisor.stopPart(name));
      say(200, { parts: supervisor.parts });
    } else say(404, { error: { code: 'not-found', message: `there is no ${method ?? ''} ${url}` } });
  } catch (error) {
    const code = error instanceof StartFailure ? error.code : 'unexpected';
    const remedy = error instanceof StartFailure && error.remedy ? `: ${error.remedy}` : '';
    say(code === 'no-such-part' ? 404 : 500, { error: { code, message: `${messageOf(error)}${remedy}` } });
  }
}
