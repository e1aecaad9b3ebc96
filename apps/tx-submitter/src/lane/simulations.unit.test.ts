import { type Call, type Simulation } from '@quorate/evm';

import { type StoredIntent } from '../intent/stored-intent';
import { isPlainTransfer, Simulations } from './simulations';

const from = `0x${'35'.repeat(20)}`;
const heads = [{ hash: '0x01' }, { hash: '0x02' }] as const;

function intent(intentId: string, change: object = {}): StoredIntent {
  const terms = {
    ...{ intentId, requester: 'alice', keyId: 'k_1', chainId: '31337', value: '7', data: '0x01' },
    ...{ to: `0x${'36'.repeat(20)}`, gasLimit: '50000', maxFeePerGas: '9', maxCost: '99' },
    ...{ expiresAt: '2026-12-01T12:10:00Z', ...change },
  };
  const value = Buffer.from(JSON.stringify({ type: 'quorate.tx.intent.v1', ...terms }));
  return { requester: 'alice', intentId, value, jws: '', approvals: [], amendments: [] };
}

describe('simulations of intents', () => {
  let asked: Call[];
  let answer: Simulation;
  let simulations: Simulations;

  beforeEach(() => {
    asked = [];
    answer = { kind: 'succeeds', gas: 50_000n };
    simulations = new Simulations({
      simulate: async (call) => {
        asked.push(call);
        return answer;
      },
    });
  });

  it('ask for all but plain transfers', async () => {
    const [call, open] = [intent('call'), intent('open', { gasLimit: undefined, data: '0x' })];
    const plain = intent('plain', { gasLimit: '21000', data: '0x' });
    const found = await simulations.of(heads[0], from, [call, plain, open]);
    expect([...found.keys()]).toEqual([call, open]);
    expect(asked.map(({ gas, value }) => [gas, value])).toEqual([
      [50_000n, 7n],
      [undefined, 7n],
    ]);
  });

  it('ask once in each block while it succeeds, and each time while it fails', async () => {
    const ask = (head: (typeof heads)[number]) => simulations.of(head, from, [intent('i')]);
    for (const head of [heads[0], heads[0], heads[1], heads[1]]) await ask(head);
    expect(asked).toHaveLength(2);
    answer = { kind: 'reverts', reason: 'no' };
    const again = { hash: '0x03' };
    for (let n = 0; n < 2; n += 1)
      expect([...(await simulations.of(again, from, [intent('i')])).values()]).toEqual([answer]);
    expect(asked).toHaveLength(4);
  });

  it('run sixteen at a time', async () => {
    let [now, most] = [0, 0];
    const slow = new Simulations({
      simulate: async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        return answer;
      },
    });
    await slow.of(
      heads[0],
      from,
      Array.from({ length: 50 }, (_, n) => intent(`i-${n}`)),
    );
    expect(most).toBe(16);
  });
});

describe('isPlainTransfer', () => {
  it.each([
    ['0x', '21000', true],
    ['0x', '21001', false],
    ['0x', undefined, false],
    ['0x00', '21000', false],
  ])('data %s with gas limit %s: %s', (data, gasLimit, expected) => {
    expect(isPlainTransfer({ data, gasLimit })).toBe(expected);
  });
});
