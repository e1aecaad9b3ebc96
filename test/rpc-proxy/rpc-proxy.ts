/** A JSON-RPC proxy in front of a node, which fails as it is told, and records what it saw. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

import { type Random } from '../chaos/random';
import { type Forward, type RpcAnswer, type RpcCall, type RpcFault } from './rpc-call';

/** A call that came, and what became of it. */
export interface SeenCall extends RpcCall {
  /** The name of the fault; undefined when it was passed on. */
  fault: string | undefined;
  /** Whether the node saw it. */
  forwarded: boolean;
  /** Undefined while it is under way. */
  answer: RpcAnswer | undefined;
}

/** Which calls a fault is for. */
export interface Rule {
  /** A method, or `every`. */
  method: string;
  fault: RpcFault;
  /** How often it strikes; always, when not given. */
  times?: number;
  /** Once in so many calls, at random; each, when not given. */
  oneIn?: number;
}

export class RpcProxy {
  /** Calls that came, in order. */
  readonly calls: SeenCall[] = [];
  /** Sees every call before anything happens to it, which waits for that. */
  witness: ((call: RpcCall) => Promise<void>) | undefined;
  private rules: Rule[] = [];

  private constructor(
    private readonly server: Server,
    private target: string,
    private readonly random: Random,
  ) {}

  /** @param random decides where a rule strikes once in so many calls. */
  static async start(target: string, random: Random): Promise<RpcProxy> {
    const server = createServer();
    const proxy = new RpcProxy(server, target, random);
    server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
      void proxy.handle(incoming, outgoing);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** Raw transactions that came, in order. */
  get sent(): string[] {
    return this.calls
      .filter(({ method }) => method === 'eth_sendRawTransaction')
      .map(({ params: [raw] }) => String(raw));
  }

  /** Adds a fault; the latest that is meant for a call strikes. Returns its end. */
  on(method: Rule['method'], fault: RpcFault, limits: Pick<Rule, 'times' | 'oneIn'> = {}): () => void {
    const rule = { method, fault, ...limits };
    this.rules.unshift(rule);
    return () => void (this.rules = this.rules.filter((other) => other !== rule));
  }

  /** From now on `fault` meets every raw transaction. */
  failSends(fault: RpcFault): () => void {
    return this.on('eth_sendRawTransaction', fault);
  }

  /** No faults any more. */
  heal(): void {
    this.rules = [];
  }

  /** Another node answers from now on: another fork, another chain. */
  turnTo(target: string): void {
    this.target = target;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const call = JSON.parse((await bodyOf(incoming)).toString()) as RpcCall;
    const fault = this.strikes(call);
    const seen: SeenCall = { ...call, fault: fault?.name, forwarded: false, answer: undefined };
    this.calls.push(seen);
    await this.witness?.(call);
    const forward: Forward = (changed = call) => {
      if (changed.method === call.method) seen.forwarded = true;
      return this.ask(changed);
    };
    seen.answer = await (fault === undefined ? forward() : fault.apply(call, forward));
    give(seen.answer, call, incoming, outgoing);
  }

  private strikes(call: RpcCall): RpcFault | undefined {
    const rule = this.rules.find(({ method, times, oneIn }) => {
      if (method !== 'every' && method !== call.method) return false;
      return times !== 0 && (oneIn === undefined || this.random.oneIn(oneIn));
    });
    if (rule?.times !== undefined) rule.times -= 1;
    return rule?.fault;
  }

  private async ask(call: RpcCall): Promise<RpcAnswer> {
    try {
      const response = await fetch(this.target, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: call.method, params: call.params }),
      });
      const body = (await response.json()) as { result?: unknown; error?: { code: number; message: string } };
      return body.error === undefined
        ? { kind: 'result', result: body.result }
        : { kind: 'error', code: body.error.code, message: body.error.message };
    } catch {
      return { kind: 'reset' }; // the node behind is away
    }
  }
}

function give(answer: RpcAnswer, { id }: RpcCall, incoming: IncomingMessage, outgoing: ServerResponse): void {
  switch (answer.kind) {
    case 'hang':
      return;
    case 'reset':
      incoming.socket.destroy();
      return;
    case 'http':
      outgoing.writeHead(answer.status, { 'content-type': 'text/html' }).end(answer.body);
      return;
    case 'result':
    case 'error': {
      const { kind, ...said } = answer;
      const body = kind === 'result' ? said : { error: said };
      outgoing
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
    }
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
