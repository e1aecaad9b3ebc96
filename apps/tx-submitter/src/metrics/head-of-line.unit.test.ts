import { HeadOfLine } from './head-of-line';

const lane = (address: string, waitingFor: string | null) => ({ chainId: '31337', address, waitingFor });

describe('the head of a line', () => {
  it('is as old as the wait for its nonce, in time and in blocks', () => {
    const line = new HeadOfLine();
    line.update([lane('0x01', '4')], 1_000, 100);
    line.update([lane('0x01', '4')], 5_000, 102);
    expect(line.waited(lane('0x01', '4'), 9_000, 105)).toEqual({ seconds: 8, blocks: 5 });
  });

  it('is young again when the lane waits for the next nonce, and nothing when it waits for none', () => {
    const line = new HeadOfLine();
    line.update([lane('0x01', '4'), lane('0x02', '7')], 1_000, 100);
    line.update([lane('0x01', '5'), lane('0x02', null)], 5_000, 102);
    expect(line.waited(lane('0x01', '5'), 6_000, 103)).toEqual({ seconds: 1, blocks: 1 });
    expect(line.waited(lane('0x02', null), 6_000, 103)).toEqual({ seconds: 0, blocks: 0 });
  });

  it('counts no blocks while none is known', () => {
    const line = new HeadOfLine();
    line.update([lane('0x01', '4')], 1_000, undefined);
    expect(line.waited(lane('0x01', '4'), 2_000, 5)).toEqual({ seconds: 1, blocks: 0 });
  });
});
