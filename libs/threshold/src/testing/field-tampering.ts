/** What a dishonest sender can do to one field of one message. */
import { BROADCAST } from '../session/frame';
import { type Adversary, type Attack, type Shot } from './adversary';
import { seededRandom } from './seeded-random';

/**
 * A field of a message, and what the honest receiver of a changed one concludes: `CLASS check`, or `result` where nothing in
 * the session can tell. Alternatives are separated by ` | `: a changed point is sometimes another point.
 */
export interface Field {
  readonly name: string;
  readonly bytes: number;
  /** For any bit that differs. */
  readonly flip: string;
  /** For zeros, where it is not the same. */
  readonly zero?: string;
  /** For the same field of another party, where it is not the same. */
  readonly copy?: string;
  /** Whom it concerns, when not everyone. */
  readonly victim?: number;
}

/** The fields of a message from its first byte to its last. */
export interface MessageMap {
  readonly round: number;
  readonly to: 'all' | 'each';
  readonly fields: readonly Field[];
}

/** One change of one field. */
export interface FieldCase {
  readonly what: string;
  readonly expected: readonly string[];
  readonly victim: number;
  readonly plaintext: Buffer;
}

/** Whether the shot is of this message. */
export function isMessage({ frame }: Shot, { round, to }: MessageMap): boolean {
  return frame.round === round && (frame.to === BROADCAST) === (to === 'all');
}

/** All changes of the fields of a message, each alone. */
export function casesOf<R, P>(adversary: Adversary<R, P>, map: MessageMap): FieldCase[] {
  const shot = adversary.shots.find((it) => isMessage(it, map));
  if (!shot) throw new RangeError('no such message');
  const copied = adversary.counterpart(shot);
  const random = seededRandom(`${map.round}/${map.to}`);
  const cases: FieldCase[] = [];
  let at = 0;
  for (const { name, bytes, flip, zero = flip, copy = flip, victim = shot.receiver } of map.fields) {
    const [start, end] = [at, at + bytes];
    const add = (what: string, expected: string, change: (field: Buffer) => void) => {
      const plaintext = Buffer.from(shot.plaintext);
      change(plaintext.subarray(start, end));
      if (plaintext.equals(shot.plaintext)) return;
      cases.push({ what: `${what} ${name}`, expected: expected.split(' | '), victim, plaintext });
    };
    const [inside, bit] = [random(4).readUInt32BE(0) % bytes, random(1).readUInt8(0) % 8];
    for (const [offset, mask] of new Map([
      [0, 1],
      [bytes - 1, 1],
      [inside, 1 << bit],
    ])) {
      add(`bit of byte ${offset} of`, flip, (field) =>
        field.writeUInt8(field.readUInt8(offset) ^ mask, offset),
      );
    }
    add('zeros for', zero, (field) => field.fill(0));
    if (copied) add("another party's", copy, (field) => field.set(copied.subarray(start, end)));
    at = end;
  }
  if (at !== shot.plaintext.length)
    throw new RangeError(`the map has ${at} of ${shot.plaintext.length} bytes`);
  return cases;
}

/** Sends the changed message to these receivers, the honest one to the others. */
export function attackField<R, P>(
  adversary: Adversary<R, P>,
  map: MessageMap,
  { plaintext }: FieldCase,
  receivers: readonly number[],
): Attack<R> {
  return adversary.attack((shot) => {
    const isIt = isMessage(shot, map) && receivers.includes(shot.receiver);
    return [isIt ? adversary.forge(shot, plaintext) : shot.frame.bytes];
  });
}

/** What a party concluded, as a field says it. */
export function conclusion<R>({ outcomes, failures }: Attack<R>, party: number): string {
  const failure = failures.get(party);
  return failure ? `${failure.failureClass} ${failure.check}` : (outcomes.get(party)?.kind ?? 'waits');
}
