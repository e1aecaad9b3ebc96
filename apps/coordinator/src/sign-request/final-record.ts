import { type OutgoingRecord } from '@quorate/messaging';
import { encodeRecord, type RecordSigner } from '@quorate/protocol';
import { type AddedEvent } from './opened-request';

export type OutcomeEvent = Extract<
  AddedEvent,
  { type: 'quorate.sign.completed.v1' | 'quorate.sign.rejected.v1' }
>;

export function isOutcome(event: AddedEvent): event is OutcomeEvent {
  return event.type === 'quorate.sign.completed.v1' || event.type === 'quorate.sign.rejected.v1';
}

/** Makes the signed records of mpc.finals. */
export class FinalRecords {
  /** @param topic mpc.finals with the prefix of this deployment */
  constructor(
    private readonly topic: string,
    private readonly signer: RecordSigner,
  ) {}

  /** The final says what the event says; both have the same id. */
  of(event: OutcomeEvent, time: Date, traceparent?: string): OutgoingRecord {
    const { eventId: id, type } = event;
    const data =
      event.type === 'quorate.sign.completed.v1'
        ? { type, id, ...withoutNull(event.data) }
        : { type, id, ...withoutNull({ ...event.data, keyId: null }) };
    const source = `/coordinator/${this.signer.kid}`;
    const key = event.data.requestId;
    const record = { typ: 'final' as const, source, data, key, time, traceparent };
    return { topic: this.topic, ...encodeRecord(record, this.signer) };
  }
}

function withoutNull(data: object): object {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null));
}
