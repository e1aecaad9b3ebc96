import { ProtocolFailure } from '../errors';
import { type KeyShare } from '../keygen/key-share';
import { createPairJudge, type PairJudge } from '../presign/pair-judge';
import { PresignCeremony } from '../presign/ceremony';
import { presignContext } from '../presign/context';
import { type PresignatureBatch } from '../presign/presignature';
import { wasmKernel } from '../multiplication/kernel/wasm-kernel';
import { type RoundMessages, type RoundPayloads } from '../session/session';
import { type PresignStart } from '../session/session-start';
import { seededRandom } from './seeded-random';

/** A plaintext payload on its way. */
export interface Payload {
  readonly round: number;
  readonly from: number;
  readonly to: number;
  readonly kind: 'broadcast' | 'direct';
  readonly bytes: Buffer;
}

/** May change `bytes` of a payload in place, as seen by one receiver. */
export type Tamper = (payload: Payload) => void;

export interface PlainOptions {
  readonly seed?: string;
  readonly tamper?: Tamper;
  readonly judge?: (index: number) => PairJudge;
}

/** How it ended for each party, and which payloads were sent. */
export interface PlainRun {
  readonly batches: Map<number, PresignatureBatch>;
  readonly failures: Map<number, ProtocolFailure>;
  readonly sent: Payload[];
}

/** Runs presign ceremonies in lockstep without frames: what tampering parties send is seen as if they had signed it. */
export function runPlain(
  shares: ReadonlyMap<number, KeyShare>,
  start: PresignStart,
  { seed = 'plain', tamper = () => undefined, judge }: PlainOptions = {},
): PlainRun {
  const members = start.participants.map(({ index }) => index);
  const run: PlainRun = { batches: new Map(), failures: new Map(), sent: [] };
  const ceremonies = new Map<number, PresignCeremony>();
  let payloads = new Map<number, RoundPayloads>();
  for (const index of members) {
    const key = shares.get(index);
    if (!key) throw new RangeError(`no share of party ${index}`);
    const random = seededRandom(`${seed}/${index}`);
    const context = presignContext(start, index, {
      key,
      random,
      kernel: wasmKernel,
      judge: judge?.(index) ?? createPairJudge(new Set(), () => undefined),
    });
    const ceremony = new PresignCeremony(context);
    ceremonies.set(index, ceremony);
    payloads.set(index, ceremony.begin(random(32)));
  }
  for (let round = 1; round <= 3; round++) {
    const next = new Map<number, RoundPayloads>();
    const views = deliver(round, members, payloads, tamper, run.sent);
    for (const [index, ceremony] of ceremonies) {
      const view = views.get(index);
      if (!view) continue;
      try {
        const advance = ceremony.advance(round, view);
        if (advance.kind === 'send') next.set(index, advance.payloads);
        if (advance.kind === 'result') run.batches.set(index, advance.value);
      } catch (error) {
        if (!(error instanceof ProtocolFailure)) throw error;
        run.failures.set(index, error);
      }
    }
    payloads = next;
  }
  return run;
}

/** The messages of a round by receiver; receivers that miss one have no entry. */
function deliver(
  round: number,
  members: readonly number[],
  payloads: ReadonlyMap<number, RoundPayloads>,
  tamper: Tamper,
  sent: Payload[],
): Map<number, RoundMessages> {
  const views = new Map<number, RoundMessages>();
  for (const to of members) {
    const seen = new Map<string, Buffer>();
    for (const [from, { broadcast, p2p }] of payloads) {
      const put = (kind: Payload['kind'], bytes: Uint8Array | undefined) => {
        if (!bytes) return;
        const payload = { round, from, to, kind, bytes: Buffer.from(bytes) };
        if (from !== to) {
          tamper(payload);
          sent.push(payload);
        }
        seen.set(`${kind} ${from}`, payload.bytes);
      };
      put('broadcast', broadcast);
      put('direct', p2p?.get(to));
    }
    const get = (kind: Payload['kind']) => (from: number) => {
      const bytes = seen.get(`${kind} ${from}`);
      if (!bytes) throw new RangeError(`no ${kind} of party ${from}`);
      return bytes;
    };
    if (members.every((from) => seen.has(`broadcast ${from}`))) {
      views.set(to, { broadcast: get('broadcast'), direct: get('direct'), frame: get('broadcast') });
    }
  }
  return views;
}
