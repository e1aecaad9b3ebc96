import { type IntentState } from './intent';
import { IntentMemory } from './intent-memory';

const facts = {
  ...{ intentHash: '0x01', keyId: 'k', chainId: '1', confirmations: 1, expiresAt: 0, amendments: [] },
};
const queued: IntentState = { stage: 'queued', facts, from: '0x02' };
const receivedAt = new Date(0);

describe('IntentMemory', () => {
  it('gives an intent back at the version at which it was remembered, and at no other', () => {
    const memory = new IntentMemory();
    memory.remember('s', { version: 2, state: queued, receivedAt });
    expect(memory.recall('s', 2)).toEqual({ version: 2, state: queued, receivedAt });
    expect(memory.recall('s', 3)).toBeUndefined();
    expect(memory.recall('t', 2)).toBeUndefined();
  });

  it('forgets what is over', () => {
    const memory = new IntentMemory();
    memory.remember('s', { version: 2, state: queued, receivedAt });
    memory.remember('s', { version: 3, state: { stage: 'ended', facts, end: 'failed' }, receivedAt });
    expect(memory.recall('s', 2)).toBeUndefined();
    expect(memory.recall('s', 3)).toBeUndefined();
  });
});
