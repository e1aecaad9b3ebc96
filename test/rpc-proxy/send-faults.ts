/** Ways in which eth_sendRawTransaction fails: what the caller is told, and whether the node has the transaction. */
import { rpcErrorTable, type SendErrorClass } from '@quorate/evm';
import { keccak256 } from 'ethers';

import { type Random } from '../chaos/random';
import { type RpcAnswer, type RpcCall, type RpcFault, result, rpcError } from './rpc-call';

/** The node takes it, and the caller is told something else. */
function acceptThen(name: string, answer: RpcAnswer): RpcFault {
  return {
    name: `accept-then-${name}`,
    async apply(_, forward) {
      await forward();
      return answer;
    },
  };
}

/** The node never sees it. */
function unseen(name: string, answer: (call: RpcCall) => RpcAnswer): RpcFault {
  return { name, apply: async (call) => answer(call) };
}

/** What it says to be the hash of a transaction is that of nothing. */
const wrongHash = `0x${'42'.repeat(32)}`;

export const acceptThenReset = acceptThen('reset', { kind: 'reset' });
export const acceptThenHang = acceptThen('hang', { kind: 'hang' });
export const acceptThen503 = acceptThen('503', { kind: 'http', status: 503, body: 'Service Unavailable' });
export const acceptThen429 = acceptThen('429', { kind: 'http', status: 429, body: 'Too Many Requests' });
export const acceptThenHtml = acceptThen('html', { kind: 'http', status: 200, body: '<html>Welcome</html>' });
export const acceptThenNull = acceptThen('null', result(null));
export const acceptThenWrongHash = acceptThen('wrong-hash', result(wrongHash));
/** An error nobody knows, of a node that has it all the same. */
export const acceptThenUnknownText = acceptThen(
  'unknown-text',
  rpcError('the moon is in the seventh house', -32603),
);

export const dropReset = unseen('drop-reset', () => ({ kind: 'reset' }));
export const dropHang = unseen('drop-hang', () => ({ kind: 'hang' }));
export const drop503 = unseen('drop-503', () => ({ kind: 'http', status: 503, body: 'Service Unavailable' }));
/** The node says that it has it, and has thrown it away. */
export const lieOk = unseen('lie-ok', ({ params: [raw] }) => result(keccak256(String(raw))));

/** The node gets it twice; the caller learns of the second. */
export const twice: RpcFault = {
  name: 'twice',
  async apply(_, forward) {
    await forward();
    return forward();
  },
};

/** The node does not see it and refuses it in these words. */
export function reject(text: string, code = -32000): RpcFault {
  return unseen(`reject: ${text}`, () => rpcError(text, code));
}

/** The node refuses it as some client would, with an error of this class. */
export function rejectAs(means: SendErrorClass, random: Random): RpcFault {
  const { client, example } = random.pick(rpcErrorTable.filter((rule) => rule.class === means));
  // Some clients and gateways wrap everything in an internal error.
  return { ...reject(example, random.oneIn(4) ? -32603 : -32000), name: `${means} of ${client}` };
}

/** Calls wait, and go on in a random order when `size` of them are there or `patienceMs` have passed. */
export function reorder(random: Random, size: number, patienceMs: number): RpcFault {
  let waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const release = () => {
    clearTimeout(timer);
    for (const go of random.sample(waiting, waiting.length)) go();
    waiting = [];
  };
  return {
    name: 'reorder',
    async apply(_, forward) {
      const turn = new Promise<void>((resolve) => waiting.push(resolve));
      if (waiting.length === 1) timer = setTimeout(release, patienceMs);
      if (waiting.length >= size) release();
      await turn;
      return forward();
    },
  };
}

/** Answers that say nothing of what became of the transaction, which the node took. */
export const acceptedSilently: readonly RpcFault[] = [
  acceptThenReset,
  acceptThenHang,
  acceptThen503,
  acceptThen429,
  acceptThenHtml,
  acceptThenNull,
  acceptThenWrongHash,
  acceptThenUnknownText,
];

/** The node did not take it, and the caller cannot know. */
export const lostSilently: readonly RpcFault[] = [dropReset, dropHang, drop503, lieOk];
