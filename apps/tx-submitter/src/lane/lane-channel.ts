/** What submitters with one database tell each other about lanes, at once; each of it is also found by looking. */
import { type StoreTransaction } from '@quorate/event-store';
import { addressSchema, hash32Schema } from '@quorate/protocol';
import { z } from 'zod';

/** Of the database. */
export const laneChannel = 'quorate_lanes';
/** Hashes in one message: Postgres takes less than 8000 bytes. */
const hashesAtOnce = 100;

/**
 * `call`: the lane has something to do, and these transactions were signed for it. `spare`: there are lanes that nobody
 * holds.
 */
const laneMessageSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('call'),
    from: z.string(),
    address: addressSchema,
    hashes: z.array(hash32Schema),
  }),
  z.object({ kind: z.literal('spare'), from: z.string() }),
]);
export type LaneMessage = z.output<typeof laneMessageSchema>;

/** Has the messages told with the commit of `tx`, also to this process. */
export async function announce(tx: StoreTransaction, messages: LaneMessage[]): Promise<void> {
  const texts = messages.flatMap(inPieces).map((message) => JSON.stringify(message));
  await tx.query('SELECT pg_notify($1, message) FROM unnest($2::text[]) AS message', [laneChannel, texts]);
}

/** The message in a text; undefined when it is none. */
export function readLaneMessage(text: string): LaneMessage | undefined {
  try {
    return laneMessageSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function inPieces(message: LaneMessage): LaneMessage[] {
  if (message.kind === 'spare' || message.hashes.length <= hashesAtOnce) return [message];
  const pieces = Math.ceil(message.hashes.length / hashesAtOnce);
  return Array.from({ length: pieces }, (_, i) => ({
    ...message,
    hashes: message.hashes.slice(i * hashesAtOnce, (i + 1) * hashesAtOnce),
  }));
}
