import { type KeyObject, randomBytes } from 'node:crypto';
import { type EncodableEvent } from '@quorate/event-store';
import { type OutgoingRecord } from '@quorate/messaging';
import {
  encodeRecord,
  eventData,
  type RecordSigner,
  recordSigner,
  toHex,
  type TopicNames,
} from '@quorate/protocol';

/** Version that node records and heartbeats report. */
export const NODE_VERSION = '0.1.0';

/** Who this process is: the node's long-term key, and a boot id drawn at each start of the process. */
export class NodeIdentity {
  /** 16 bytes; part of every session id (threshold-ecdsa.md 1.4). */
  readonly bootId = randomBytes(16);
  readonly source: string;
  private readonly signer: RecordSigner;

  constructor(
    readonly nodeId: string,
    readonly identityKey: KeyObject,
    readonly topics: TopicNames,
  ) {
    this.source = `/node/${nodeId}`;
    this.signer = recordSigner(nodeId, identityKey);
  }

  get bootIdHex(): string {
    return toHex(this.bootId);
  }

  /** A record of this node, signed. `data` repeats its type and id. */
  record(
    topic: string,
    typ: 'partial' | 'heartbeat' | 'state' | 'event',
    key: string,
    data: object & { type: string },
    traceparent?: string,
  ): OutgoingRecord {
    const record = { typ, source: this.source, key, time: new Date(), data, traceparent };
    return { topic, ...encodeRecord(record, this.signer) };
  }

  /** The signed record of an event of this node, for mpc.events. */
  event(event: EncodableEvent): OutgoingRecord {
    const data = eventData({ ...event, actor: this.source }, event.data);
    return this.record(this.topics.events, 'event', event.streamId, data, event.traceparent);
  }
}
