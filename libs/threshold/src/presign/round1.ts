/** Presign round 1: commit to the nonces, open the OT extensions in which this party receives (specification section 7). */
import { type Label } from '../hash';
import { messageDigest } from '../multiplication/correlation-hash';
import {
  type ReceiverExtension,
  startExtension,
  wipeReceiverExtension,
} from '../multiplication/ot-extension';
import { type Point } from '../group/point';
import { multiplyBaseEach } from '../group/point-batch';
import { secretScalarHash } from '../group/scalar';
import { type RoundPayloads } from '../session/session';
import { nonceCommitment, pairContext, pairOf, type PresignContext } from './context';
import { encodeRound1Broadcast, encodeRound1Direct } from './payloads';

const RANDOM_BYTES = 32;

/** What this party keeps after round 1. */
export interface Round1State {
  /** nu_i */
  readonly nonce: Buffer;
  readonly salt: Buffer;
  /** r_i^p, secret. */
  readonly r: readonly Buffer[];
  /** phi_i^p, secret. */
  readonly phi: readonly Buffer[];
  /** R_i^p */
  readonly noncePoints: readonly Point[];
  /** Instances (j -> i), by peer j. */
  readonly extensions: ReadonlyMap<number, OpenExtension>;
}

/** An OT extension that waits for the sender's answer. */
export interface OpenExtension {
  readonly pairctx: Buffer;
  /** rd of the own message. */
  readonly messageDigest: Buffer;
  readonly secrets: ReceiverExtension;
}

export function beginRound1(
  context: PresignContext,
  exchangeKey: Buffer,
): { state: Round1State; payloads: RoundPayloads } {
  const { psid, index, batch, xi, random } = context;
  const nonce = random(RANDOM_BYTES);
  const salt = random(RANDOM_BYTES);
  const r = hedgedScalars(context, 'pre/r');
  const phi = hedgedScalars(context, 'pre/phi');
  const noncePoints = multiplyBaseEach(r);
  const commitment = nonceCommitment(psid, index, { nonce, exchangeKey, noncePoints, salt });

  const extensions = new Map<number, OpenExtension>();
  const p2p = new Map<number, Buffer>();
  for (const peer of context.peers) {
    const pair = pairOf(context, peer);
    const pairctx = pairContext(context, peer, index);
    const opened = startExtension(pair.asReceiver, { pairctx, receiverNonce: nonce }, batch * xi, random);
    extensions.set(peer, {
      pairctx,
      messageDigest: messageDigest(opened.message),
      secrets: opened.extension,
    });
    p2p.set(peer, encodeRound1Direct(pair.pairCounter, opened.message));
  }
  return {
    state: { nonce, salt, r, phi, noncePoints, extensions },
    payloads: { broadcast: encodeRound1Broadcast({ nonce, exchangeKey, commitment }), p2p },
  };
}

/** Overwrites r, phi, beta and t_b. */
export function wipeRound1(state: Round1State): void {
  for (const secret of [...state.r, ...state.phi]) secret.fill(0);
  for (const { secrets } of state.extensions.values()) wipeReceiverExtension(secrets);
}

/**
 * One non-zero scalar per presignature: HS(label, 32 fresh bytes, s_i, psid, boot_i, p). The share and the boot id stand
 * in for randomness when a machine is rolled back with its generator.
 */
function hedgedScalars(context: PresignContext, label: Label): Buffer[] {
  const { key, psid, index, bootIds, batch, random } = context;
  const bootId = bootIds.get(index) ?? '';
  return Array.from({ length: batch }, (_, p) => {
    const fresh = random(RANDOM_BYTES);
    const scalar = secretScalarHash(label, fresh, key.share, psid, bootId, p);
    fresh.fill(0);
    return scalar;
  });
}
