/** The records that this submitter signs: outcomes, sign requests, events, halts. */
import { randomUUID } from 'node:crypto';

import { type EncodableEvent } from '@quorate/event-store';
import { type OutgoingRecord } from '@quorate/messaging';
import {
  encodeClientRecord,
  type EncodedRecord,
  encodeRecord,
  eventData,
  type HaltStateInput,
  type RecordSigner,
  signedAgain,
  type SignRequestInput,
  type TopicNames,
} from '@quorate/protocol';

import { type Outcome } from '../../intent/outcome';
import { type HaltRecords, type OwnHalt } from '../../ports/halt-records.port';
import { type OutcomeEncoder } from '../../ports/outcome-records.port';
import { type SignRequestRecords } from '../../ports/sign-request-records.port';

export class SignedRecords implements OutcomeEncoder, SignRequestRecords, HaltRecords {
  readonly requester: string;
  private readonly source: string;

  constructor(
    private readonly signer: RecordSigner,
    private readonly topics: TopicNames,
  ) {
    this.requester = signer.kid;
    this.source = `/submitter/${signer.kid}`;
  }

  encodeOutcome(outcome: Outcome): OutgoingRecord {
    const time = new Date();
    const data = { ...outcome, id: randomUUID(), at: time.toISOString() };
    const record = encodeRecord(
      { typ: 'tx-outcome', source: this.source, data, key: outcome.intentId, time },
      this.signer,
    );
    return { topic: this.topics.outcomes, ...record };
  }

  encodeSignRequest(request: SignRequestInput, traceparent?: string): EncodedRecord {
    const { source, signer } = this;
    return encodeClientRecord(
      { typ: 'sign-request', source, data: request, key: request.requestId, time: new Date(), traceparent },
      signer,
    );
  }

  signOutcomeAgain(record: EncodedRecord): EncodedRecord {
    return signedAgain(record, 'tx-outcome', this.signer);
  }

  signRequestAgain(record: EncodedRecord): EncodedRecord {
    return signedAgain(record, 'sign-request', this.signer);
  }

  encodeHalt(halt: OwnHalt): OutgoingRecord {
    const { source, signer, topics } = this;
    const time = new Date();
    const data: HaltStateInput = {
      ...{ type: 'quorate.state.halt.v1', id: randomUUID(), ...halt, by: signer.kid },
      at: time.toISOString(),
    };
    const record = encodeRecord({ typ: 'state', source, data, key: `halt:${halt.haltId}`, time }, signer);
    return { topic: topics.state(signer.kid), ...record };
  }

  encodeEvent(event: EncodableEvent): OutgoingRecord {
    const data = eventData({ ...event, actor: this.source }, event.data);
    const record = encodeRecord(
      {
        typ: 'event',
        source: this.source,
        data,
        key: event.streamId,
        time: event.occurredAt,
        traceparent: event.traceparent,
      },
      this.signer,
    );
    return { topic: this.topics.events, ...record };
  }
}
