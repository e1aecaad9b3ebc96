import fc from 'fast-check';
import { InvalidInput } from '../errors';
import { generateSchnorrKey, runSessions } from '../testing/ceremony-network';
import { reshareSessions } from '../testing/reshare-network';
import { decodePendingReshare, encodePendingReshare } from './pending-reshare-codec';

const key = generateSchnorrKey(2, 3);
const { pending } = runSessions(reshareSessions(key, { dealers: [1, 2], threshold: 2, receivers: [2, 4] }));
const [leaver, stayer] = [pending.get(1), pending.get(2)];
if (!leaver || !stayer) throw new Error('both confirm');

describe('stored pending reshares', () => {
  test('decode to what was encoded, with a share and without', () => {
    expect(leaver.share).toBeUndefined();
    expect(stayer.share?.index).toBe(2);
    for (const one of [leaver, stayer]) expect(decodePendingReshare(encodePendingReshare(one))).toEqual(one);
  });

  test('wiping the encoding leaves the decoded share intact', () => {
    const bytes = encodePendingReshare(stayer);
    const decoded = decodePendingReshare(bytes);
    bytes.fill(0);
    expect(decoded).toEqual(stayer);
  });

  test('any other bytes are invalid input', () => {
    const encoded = encodePendingReshare(stayer);
    const cut = fc.nat(encoded.length - 1).map((length) => encoded.subarray(0, length));
    const longer = fc.uint8Array({ minLength: 1, maxLength: 9 }).map((t) => Buffer.concat([encoded, t]));
    const noise = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.oneof(cut, longer, noise), (bytes) => {
        expect(() => decodePendingReshare(bytes)).toThrow(InvalidInput);
      }),
    );
  });

  test('a share of another epoch, or an epoch that does not grow, is refused', () => {
    expect(() => decodePendingReshare(encodePendingReshare({ ...stayer, epoch: 2 }))).toThrow(InvalidInput);
    expect(() => decodePendingReshare(encodePendingReshare({ ...leaver, epoch: 0 }))).toThrow(InvalidInput);
  });
});
