import { type EncodedRecord, type SignRequestInput } from '@quorate/protocol';

/** Makes the signed records that ask the nodes for signatures. */
export interface SignRequestRecords {
  /** This submitter's name as a requester. */
  readonly requester: string;
  encodeSignRequest(request: SignRequestInput, traceparent?: string): EncodedRecord;
  /** A request that was kept, to be published again under the present key. */
  signRequestAgain(record: EncodedRecord): EncodedRecord;
}
