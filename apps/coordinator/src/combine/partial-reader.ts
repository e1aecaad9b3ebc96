import { type LogRecord } from '@quorate/messaging';
import { type PeerDirectory } from '@quorate/platform';
import { type PartialRecord, partialSchema, verifyServiceRecord } from '@quorate/protocol';

export type PartialReading =
  | { readonly ok: true; readonly data: PartialRecord }
  | { readonly ok: false; readonly code: string; readonly reason: string };

/** Verifies records of mpc.partials, each once however often it is looked at. */
export class PartialReader {
  private readonly readings = new WeakMap<LogRecord, PartialReading>();

  /** @param heard told of each verified record when it is looked at first */
  constructor(
    private readonly peers: PeerDirectory,
    private readonly heard: (data: PartialRecord) => void,
  ) {}

  read(record: LogRecord): PartialReading {
    const known = this.readings.get(record);
    if (known !== undefined) return known;
    const reading = this.verify(record);
    this.readings.set(record, reading);
    if (reading.ok) this.heard(reading.data);
    return reading;
  }

  private verify(record: LogRecord): PartialReading {
    const lookup = this.peers.lookup('node');
    const verified = verifyServiceRecord(record, { typ: 'partial', schema: partialSchema, lookup });
    if (!verified.ok) return verified;
    const { data, kid } = verified;
    if (data.node === kid) return { ok: true, data };
    return { ok: false, code: 'wrong-source', reason: `${kid} signed a record of ${data.node}` };
  }
}
