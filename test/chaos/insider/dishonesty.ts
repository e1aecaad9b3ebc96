import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What a compromised node does to its messages in ceremonies. */
const dishonestySchema = z.object({
  /**
   * `silence`: the victims get nothing. `frames`: they get other bytes than were made for them, so that of a broadcast
   * there are two. `contents`: what only they can decrypt is wrong.
   */
  how: z.enum(['silence', 'frames', 'contents']),
  /** The victims, by their names and indices. */
  to: z.array(z.object({ node: z.string(), index: z.number() })),
  /** The round whose messages are changed. */
  round: z.number(),
  /** Where in a message one bit is flipped, in thousandths of its length. */
  place: z.number(),
});

export type Dishonesty = z.output<typeof dishonestySchema>;

/** What the file orders now; undefined while it is not there: then the node is honest. */
export function orderedDishonesty(file: string): Dishonesty | undefined {
  try {
    return dishonestySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

export function withFlippedBit(bytes: Uint8Array, { place }: Dishonesty): Buffer {
  const changed = Buffer.from(bytes);
  const at = Math.floor((changed.length * place) / 1000);
  if (changed.length > 0) changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
}
