import { z } from 'zod';
import { type Outcome, sha256Hex } from './books';

const storySchema = z.object({
  events: z.array(
    z.looseObject({
      type: z.string().nullable(),
      verified: z.boolean(),
      duplicateOf: z.number().nullish(),
      data: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
});

const ENDS = new Set(['quorate.sign.completed.v1', 'quorate.sign.rejected.v1']);
const TIMEOUT_MS = 10_000;

/** Compares the auditor's story of a request with the final that the client got. */
export class AuditStories {
  constructor(private readonly auditor: { readonly url: string; readonly token: string }) {}

  /** What does not fit; undefined when the story tells of exactly this outcome, once. */
  async fault(id: string, value: Buffer, final: Outcome): Promise<string | undefined> {
    const { url, token } = this.auditor;
    const response = await fetch(`${url}/v1/requests/${id}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) return `the auditor answers ${response.status}: ${await response.text()}`;
    const { events } = storySchema.parse(await response.json());
    const hash = sha256Hex(value);
    // Copies of one event are marked as such; unverified records are not the service's.
    const own = events.filter(
      ({ verified, duplicateOf, data }) =>
        verified && typeof duplicateOf !== 'number' && data?.['requestHash'] === hash,
    );
    const ends = own.filter(({ type }) => type !== null && ENDS.has(type));
    const [end] = ends;
    if (end === undefined || ends.length > 1) return `${ends.length} outcomes in the log`;
    if (end.type !== final.json['type'])
      return `${end.type} in the log, ${String(final.json['type'])} published`;
    for (const field of ['presignatureId', 'code', 'mayBeSigned']) {
      if (end.data?.[field] !== final.json[field])
        return `${field} is ${String(end.data?.[field])} in the log, ${String(final.json[field])} in the final`;
    }
    const requested = own.filter(({ type }) => type === 'quorate.sign.requested.v1');
    if (end.type === 'quorate.sign.completed.v1' && requested.length !== 1)
      return `${requested.length} sign.requested events of a signed request`;
    return undefined;
  }
}
