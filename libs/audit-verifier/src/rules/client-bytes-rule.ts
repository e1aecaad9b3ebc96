import { type LogKeyLookup, requestHash, type RecordTyp, verifyDetached } from '@quorate/protocol';
import { type Missing, type Rule, type StoryEvent } from './rule';
import { type Violation } from '../violation';

/** Events that hold what a client signed, and the field with its hash. */
const HOLDERS: ReadonlyMap<string, { typ: RecordTyp; hash: string }> = new Map([
  ['quorate.sign.requested.v1', { typ: 'sign-request', hash: 'requestHash' }],
  ['quorate.tx.requested.v1', { typ: 'tx-intent', hash: 'intentHash' }],
  ['quorate.tx.amended.v1', { typ: 'tx-amend', hash: 'amendmentHash' }],
]);

/** Every request, intent and amendment holds the client's exact bytes; they have the hash that the log names, and the client signed them. */
export class ClientBytesRule implements Rule {
  /** How many were signed by a requester whose key is not known here. */
  unknown = 0;
  checked = 0;

  /** @param requesters keys of clients and submitters; without them only hashes are compared. */
  constructor(
    private readonly requesters: LogKeyLookup | undefined,
    private readonly log = 0,
  ) {}

  take({ index, type, data }: StoryEvent): Violation[] {
    const holder = HOLDERS.get(type);
    if (holder === undefined) return [];
    const { value, jws } = data;
    if (typeof value !== 'string' || typeof jws !== 'string')
      return [{ index, rule: 'client-bytes', reason: `${type} does not hold what the client signed` }];
    const bytes = Buffer.from(value, 'base64');
    if (requestHash(bytes) !== data[holder.hash])
      return [
        {
          index,
          rule: 'client-bytes',
          reason: `the client's bytes do not have the ${holder.hash} of the event`,
        },
      ];
    const { requesters, log } = this;
    if (requesters === undefined) return [];
    const verdict = verifyDetached(jws, bytes, holder.typ, (kid) => requesters(kid, { log, index }));
    if ('kid' in verdict && verdict.kid === data['requester']) {
      this.checked += 1;
      return [];
    }
    if ('error' in verdict && verdict.error === 'unknown-kid') {
      this.unknown += 1;
      return [];
    }
    const problem = 'kid' in verdict ? `${verdict.kid} signed` : verdict.reason;
    return [
      { index, rule: 'client-signature', reason: `the bytes are not signed by their requester: ${problem}` },
    ];
  }

  finish(): Missing[] {
    return [];
  }
}
