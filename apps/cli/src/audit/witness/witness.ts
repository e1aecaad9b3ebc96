import { type KeyObject, sign } from 'node:crypto';
import { Invalid, publicKeyBytes, QuorateError, Unavailable } from '@quorate/platform';
import {
  type Checkpoint,
  cosign,
  ED25519_COSIGNATURE,
  formatNote,
  Malformed,
  openCheckpoint,
  type VerifierKey,
  verifierKey,
  verifyConsistency,
} from '@quorate/transparency-log';
import { z } from 'zod';
import { refusalOf } from '../refusal';
import { type WitnessMemory } from './memory';

const TIMEOUT_MS = 30_000;
const consistencyAnswer = z.object({
  hashes: z.array(z.base64().transform((text) => Uint8Array.from(Buffer.from(text, 'base64')))),
  checkpoint: z.string(),
});

export interface WitnessOptions {
  readonly url: string;
  readonly token?: string | null | undefined;
  readonly log: number;
  readonly logKey: VerifierKey;
  /** A name without spaces and plus signs, for example `witness.example.com/w1`. */
  readonly name: string;
  /** Ed25519. */
  readonly privateKey: KeyObject;
  readonly memory: WitnessMemory;
  readonly now: () => number;
}

/** Cosigns checkpoints of a log, each only when it continues all that it cosigned before. */
export class Witness {
  readonly key: VerifierKey;

  constructor(private readonly options: WitnessOptions) {
    this.key = verifierKey(options.name, ED25519_COSIGNATURE, publicKeyBytes(options.privateKey));
  }

  /**
   * Looks at the newest checkpoint, and hands it in cosigned.
   *
   * @throws Invalid `fork` when the log contradicts what was cosigned before; Unavailable when the auditor
   * is away; Conflict `state` when another witness cosigned with the same memory meanwhile.
   */
  async cosignNewest(): Promise<Checkpoint> {
    const { memory, log, logKey, privateKey, now } = this.options;
    const last = memory.last();
    const signedNote = await this.text(`/v1/checkpoint?log=${log}`);
    const { checkpoint, note } = this.open(
      last === undefined || last.size === 0 ? signedNote : await this.continuing(last, signedNote),
    );
    memory.remember(checkpoint, last);
    const cosignature = cosign(note.text, this.key, Math.floor(now() / 1_000), (message) =>
      sign(null, message, privateKey),
    );
    const ofLog = note.signatures.filter(({ name, keyId }) => name === logKey.name && keyId === logKey.id);
    await this.handIn(formatNote({ text: note.text, signatures: [...ofLog, cosignature] }));
    return checkpoint;
  }

  /** The signed note of a checkpoint that continues the last one. */
  private async continuing(last: Checkpoint, newest: string): Promise<string> {
    const { log } = this.options;
    const { checkpoint: head } = this.open(newest);
    if (head.size < last.size) throw fork(`the log has ${head.size} leaves now, and had ${last.size}`);
    const answer = await this.text(`/v1/proofs/consistency?log=${log}&from=${last.size}&to=${head.size}`);
    const { hashes, checkpoint: note } = consistencyAnswer.parse(JSON.parse(answer));
    const { size: to, root: toRoot } = this.open(note).checkpoint;
    const claim = { from: last.size, to, fromRoot: last.root, toRoot };
    if (to < head.size || !verifyConsistency(claim, hashes))
      throw fork(`the tree of ${to} leaves does not continue that of ${last.size} leaves`);
    return note;
  }

  private open(signedNote: string) {
    try {
      return openCheckpoint(signedNote, this.options.logKey);
    } catch (error) {
      if (error instanceof Malformed) throw new Invalid('malformed', `the checkpoint: ${error.message}`);
      throw error;
    }
  }

  private async handIn(checkpoint: string): Promise<void> {
    const body = JSON.stringify({ log: this.options.log, checkpoint });
    await this.text('/v1/cosignatures', { method: 'POST', body });
  }

  private async text(path: string, request: { method?: string; body?: string } = {}): Promise<string> {
    const { url, token } = this.options;
    const headers = {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    try {
      const response = await fetch(new URL(path, url), {
        ...request,
        headers,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!response.ok) throw await refusalOf(response);
      return await response.text();
    } catch (cause) {
      if (cause instanceof QuorateError) throw cause;
      throw new Unavailable('audit', `the auditor at ${url} did not answer`, { cause });
    }
  }
}

function fork(finding: string): Invalid {
  return new Invalid(
    'fork',
    `the log contradicts what this witness cosigned: ${finding}. Nothing is cosigned; keep both checkpoints, they are evidence`,
  );
}
