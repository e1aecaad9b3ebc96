/** Ways in which a node answers reads wrongly: late, stale, from another chain, or not at all. */
import { type RpcAnswer, type RpcFault, result, rpcError } from './rpc-call';

type Rows = Record<string, unknown>;

/** Changes a result that is not null. */
function changed(name: string, change: (value: unknown) => unknown): RpcFault {
  return {
    name,
    async apply(_, forward) {
      const answer = await forward();
      if (answer.kind !== 'result' || answer.result === null) return answer;
      return result(change(answer.result));
    },
  };
}

function always(name: string, answer: RpcAnswer): RpcFault {
  return { name, apply: async () => answer };
}

/** For eth_getTransactionCount: `by` too many, or too few. */
export function nonceOff(by: number): RpcFault {
  return changed(`nonce off by ${by}`, (count) => hex(Math.max(0, Number(count) + by)));
}

/** For eth_chainId. */
export function chainIdIs(id: number): RpcFault {
  return always(`chain id ${id}`, result(hex(id)));
}

/** For eth_getTransactionReceipt, eth_getTransactionByHash: there is no such thing. */
export const nothingThere = always('null', result(null));
export const rateLimited = always('rate limited', rpcError('rate limit reached', -32005));
export const unsupported = always('unsupported', rpcError('the method does not exist', -32601));
/** The node answers that a call fails. */
export function fails(message: string): RpcFault {
  return always(message, rpcError(message, 3));
}

export const down = always('down', { kind: 'reset' });
export const silent = always('silent', { kind: 'hang' });

/** For receipts: in a block that is not on the chain. */
export const receiptElsewhere = changed('receipt of another block', (receipts) =>
  Array.isArray(receipts) ? receipts.map(elsewhere) : elsewhere(receipts),
);

/** For receipts: there are none before `blocks` blocks lie on theirs. */
export function receiptsLate(blocks: number): RpcFault {
  return {
    name: `receipts ${blocks} blocks late`,
    async apply(_, forward) {
      const answer = await forward();
      if (answer.kind !== 'result' || answer.result === null) return answer;
      const head = await forward({ id: 0, method: 'eth_blockNumber', params: [] });
      const mined = Number((answer.result as Rows)['blockNumber']);
      const height = head.kind === 'result' ? Number(head.result) : mined;
      return height - mined >= blocks ? answer : result(null);
    },
  };
}

/** For every method: the chain as it was when this was made, or first asked; blocks above are unknown. */
export function headStuck(): RpcFault {
  return cappedHead('head stuck', (first) => first);
}

/** For every method: the head is `blocks` lower than when first asked, and stays there. */
export function headBack(blocks: number): RpcFault {
  return cappedHead(`head back by ${blocks}`, (first) => Math.max(0, first - blocks));
}

function cappedHead(name: string, capOf: (first: number) => number): RpcFault {
  let cap: number | undefined;
  return {
    name,
    async apply(call, forward) {
      if (cap === undefined) {
        const head = await forward({ id: 0, method: 'eth_blockNumber', params: [] });
        if (head.kind !== 'result') return head;
        cap = capOf(Number(head.result));
      }
      if (call.method === 'eth_blockNumber') return result(hex(cap));
      if (call.method !== 'eth_getBlockByNumber') return forward();
      const [at, full] = call.params;
      if (at === 'latest' || at === 'pending') return forward({ ...call, params: [hex(cap), full] });
      return /^0x/.test(String(at)) && Number(at) > cap ? result(null) : forward();
    },
  };
}

function elsewhere(receipt: unknown): unknown {
  return { ...(receipt as Rows), blockHash: `0x${'66'.repeat(32)}` };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
