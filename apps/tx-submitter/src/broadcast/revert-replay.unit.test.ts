import { type Call, type Simulation } from '@quorate/evm';
import { Unavailable } from '@quorate/platform';
import { Wallet } from 'ethers';

import { type IntentCommand } from '../intent/commands';
import { type Flight, InFlight } from './in-flight';
import { withRevertReasons } from './revert-replay';

const wallet = new Wallet(`0x${'11'.repeat(32)}`);
const to = `0x${'35'.repeat(20)}`;
const block = { number: '8', hash: `0x${'0b'.repeat(32)}` };

describe('the replay of transactions that failed', () => {
  let flight: Flight;
  let asked: [Call, number][];

  beforeEach(async () => {
    asked = [];
    const raw = await wallet.signTransaction({
      ...{ type: 2, chainId: 1, nonce: 0, to, value: 5, data: '0xa9059cbb', gasLimit: 50_000 },
      ...{ maxFeePerGas: 2, maxPriorityFeePerGas: 1 },
    });
    const lane = { chainId: '1', address: wallet.address.toLowerCase() };
    const identity = { requester: 'alice', intentId: 'i' };
    const attempt = { n: 0, kind: 'payload' as const, hash: '0x01', raw };
    flight = new InFlight().add({ identity, lane, nonce: 0n, confirmations: 1, ...attempt });
  });

  const included = (change: object = {}): IntentCommand => ({
    ...{ kind: 'note-inclusion', hash: '0x01', block, status: 'reverted' },
    ...{ gasUsed: '1', effectiveGasPrice: '1', ...change },
  });
  const explain = async (command: IntentCommand, answer: (height: number) => Simulation | Error) => {
    const replay = async (call: Call, height: number) => {
      asked.push([call, height]);
      const given = answer(height);
      if (given instanceof Error) throw given;
      return given;
    };
    const [one] = await withRevertReasons({ replay }, [{ flight, command }]);
    return one?.command;
  };
  const reverts: Simulation = { kind: 'reverts', reason: 'execution reverted: closed' };
  const succeeds: Simulation = { kind: 'succeeds', gas: 1n };

  it('is the same call on the state before its block', async () => {
    expect(await explain(included(), () => reverts)).toMatchObject({
      reason: 'a replay on the state of block 7 says: execution reverted: closed',
    });
    const call = { from: wallet.address.toLowerCase(), to, value: 5n, data: '0xa9059cbb', gas: 50_000n };
    expect(asked).toEqual([[call, 7]]);
  });

  it('looks at the state after its block when it does not fail before', async () => {
    const late = (height: number) => (height === 8 ? reverts : succeeds);
    expect(await explain(included(), late)).toMatchObject({
      reason: expect.stringContaining('block 8') as unknown,
    });
    expect(await explain(included(), () => succeeds)).toEqual(included());
  });

  it('gives no reason rather than none of the rest when nobody answers', async () => {
    expect(await explain(included(), () => new Unavailable('rpc'))).toEqual(included());
  });

  it('waits for it for a second at most', async () => {
    jest.useFakeTimers();
    const command = included();
    const seen = withRevertReasons({ replay: () => new Promise(() => undefined) }, [{ flight, command }]);
    await jest.advanceTimersByTimeAsync(1_000);
    jest.useRealTimers();
    expect(await seen).toEqual([{ flight, command }]);
  });

  it('is made once, and for failed payloads only', async () => {
    await explain(included({ status: 'success' }), () => reverts);
    flight.inclusion = { hash: '0x01', block: { number: 8, hash: block.hash } };
    await explain(included(), () => reverts);
    flight.inclusion = undefined;
    flight.attempts = flight.attempts.map((attempt) => ({ ...attempt, kind: 'cancel' }));
    await explain(included(), () => reverts);
    expect(asked).toEqual([]);
  });
});
