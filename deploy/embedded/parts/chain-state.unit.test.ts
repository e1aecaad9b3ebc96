import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChainState } from './chain-state';

describe('the state of the local chain', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chain-state-'));
  const file = join(folder, 'state.json');
  const block = (number: number, timestamp: number) => ({
    header: { number: `0x${number.toString(16)}`, timestamp: `0x${timestamp.toString(16)}` },
    transactions: [],
  });
  const recovered = (content: string): unknown => {
    writeFileSync(file, content);
    new ChainState(file).recover();
    return JSON.parse(readFileSync(file, 'utf8'));
  };
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());
  afterAll(() => rmSync(folder, { recursive: true }));

  it('has the first block with which the chain began, and none of those of later starts', () => {
    const [own, second] = [block(0, 255), block(1, 256)];
    const state = {
      best_block_number: 2,
      blocks: [block(0, 4096), second, block(0, 300), own, block(2, 257)],
    };
    expect(recovered(JSON.stringify(state))).toEqual({ ...state, blocks: [second, own, block(2, 257)] });
  });

  it('stays as it is when it has one, or none', () => {
    for (const blocks of [[block(1, 2), block(0, 1)], []]) {
      const content = JSON.stringify({ blocks }, undefined, 1);
      recovered(content);
      expect(readFileSync(file, 'utf8')).toBe(content);
    }
    expect(recovered('{}')).toEqual({});
  });
});
