import { request } from 'node:http';
import { z } from 'zod';
import { CommandFailure, EXIT } from '../exit-code';
import { type Stack } from './stack-file';

const parts = z.object({
  parts: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['starting', 'ready', 'stopped']),
      pid: z.number().nullable(),
      since: z.string(),
      restarts: z.number(),
    }),
  ),
});
const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** A part of a running embedded stack; `starting` also between its end and its next start. */
export type PartStatus = z.output<typeof parts>['parts'][number];

/** What starts and restarts the parts of a running stack: the process of `npm start`. */
export class Supervisor {
  private readonly socket: string;

  /** @throws CommandFailure for a stack that nothing of `npm start` looks after */
  constructor(stack: Stack) {
    if (stack.supervisor === undefined) {
      throw new CommandFailure(
        EXIT.failure,
        'no-supervisor',
        'nothing of npm start looks after this stack: use what does (docker compose, systemd, ...); `quorate doctor` asks its services how they are',
      );
    }
    this.socket = stack.supervisor.socket;
  }

  async parts(): Promise<PartStatus[]> {
    return parts.parse(await this.ask('GET', '/parts')).parts;
  }

  /** Waits until the part has ended. */
  async stop(name: string): Promise<void> {
    await this.ask('POST', `/parts/${encodeURIComponent(name)}/stop`);
  }

  /** Waits until the part is ready. */
  async start(name: string): Promise<void> {
    await this.ask('POST', `/parts/${encodeURIComponent(name)}/start`);
  }

  /** Waits until broker and database know the logins in the stack's files; parts get theirs when they start. */
  async refresh(): Promise<void> {
    await this.ask('POST', '/refresh');
  }

  /** Asks the whole stack to end, and does not wait for it. */
  async stopAll(): Promise<void> {
    await this.ask('POST', '/stop');
  }

  /** @throws CommandFailure with the supervisor's own words, or because nobody is there */
  private ask(method: string, path: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call = request({ socketPath: this.socket, method, path }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.once('end', () => {
          const body: unknown = JSON.parse(text);
          const { data } = failure.safeParse(body);
          if (data === undefined) resolve(body);
          else reject(refusal(response.statusCode === 404, data.error));
        });
      });
      call.once('error', (error) => {
        const reason = `the supervisor does not answer (${error.message}): is npm start still running?`;
        reject(new CommandFailure(EXIT.failure, 'no-supervisor', reason));
      });
      call.end();
    });
  }
}

function refusal(isUnknown: boolean, { code, message }: { code: string; message: string }): CommandFailure {
  return new CommandFailure(isUnknown ? EXIT.notFound : EXIT.failure, code, message);
}
