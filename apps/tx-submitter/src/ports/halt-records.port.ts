import { type OutgoingRecord } from '@quorate/messaging';

/** A halt in this service's own name (docs/halt.md). */
export interface OwnHalt {
  /** 32 random bytes, 0x-hex: what a resume must name. */
  haltId: string;
  /** Such as `key:k_7f3a`. */
  scope: string;
  reason: string;
}

/** Makes the signed records by which this service has signing stopped. */
export interface HaltRecords {
  /** The record of this service's state topic that nodes and coordinators obey. */
  encodeHalt(halt: OwnHalt): OutgoingRecord;
}
