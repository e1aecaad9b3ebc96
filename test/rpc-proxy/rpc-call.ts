/** JSON-RPC calls and answers as the proxy handles them. */

export interface RpcCall {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

/**
 * What the caller gets. `reset`: the connection breaks. `hang`: it stays open and nothing comes. `http`: something that is
 * not JSON-RPC.
 */
export type RpcAnswer =
  | { kind: 'result'; result: unknown }
  | { kind: 'error'; code: number; message: string }
  | { kind: 'http'; status: number; body: string }
  | { kind: 'reset' | 'hang' };

/** Passes a call on to the node behind the proxy, as it is or changed. */
export type Forward = (call?: RpcCall) => Promise<RpcAnswer>;

/** What happens to a call. */
export interface RpcFault {
  readonly name: string;
  readonly apply: (call: RpcCall, forward: Forward) => Promise<RpcAnswer>;
}

export function result(value: unknown): RpcAnswer {
  return { kind: 'result', result: value };
}

export function rpcError(message: string, code = -32000): RpcAnswer {
  return { kind: 'error', code, message };
}
