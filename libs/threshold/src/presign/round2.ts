/** Presign round 2: judge the OT extensions, open the nonces, answer every peer as RVOLE sender (specification section 7). */
import { correlationCipher, messageDigest } from '../multiplication/correlation-hash';
import { ProtocolFailure } from '../errors';
import { answerExtension } from '../multiplication/ot-extension';
import { multiplyBase, type Point } from '../group/point';
import { multiplyBaseEach } from '../group/point-batch';
import { lagrangeCoefficient } from '../sharing/polynomial';
import { secp256k1Group } from '../group/secp256k1-group';
import { multiplyAsSender, type RvoleRun } from '../multiplication/rvole';
import { addScalarBytes, multiplyScalarBytes, scalarToBytes } from '../group/scalar';
import { type RoundMessages, type RoundPayloads } from '../session/session';
import { zeroShare } from './zero-share';
import { pairContext, pairOf, type PresignContext, round1Digest, type Round1Broadcast } from './context';
import { encodeRound2Broadcast, parseRound1Broadcast, parseRound1Direct, Round2Direct } from './payloads';
import { type Round1State } from './round1';

/** What this party keeps after round 2. */
export interface Round2State {
  /** Broadcasts of round 1 by party, ascending. */
  readonly round1: ReadonlyMap<number, Round1Broadcast>;
  readonly h1: Buffer;
  /** sk_i = lambda_i * s_i + zeta_i, secret. */
  readonly sk: Buffer;
  /** pk_i = sk_i * G */
  readonly publicKey: Point;
  /** By presignature: c^u_ij and c^v_ij of all peers j, secret. */
  readonly terms: readonly SumTerms[];
}

/** Secret summands of u_i and v_i of one presignature. */
export interface SumTerms {
  readonly u: Buffer[];
  readonly v: Buffer[];
}

/** An OT extension of a peer that passed its check: instance (i -> peer). */
interface AcceptedExtension {
  readonly peer: number;
  /** q_b, secret. */
  readonly columns: Buffer;
  readonly run: RvoleRun;
}

/** @throws ProtocolFailure CONFIG `presign.r1.pe`, BAN `presign.r1.ote` */
export function answerRound1(
  context: PresignContext,
  own: Round1State,
  messages: RoundMessages,
): { state: Round2State; payloads: RoundPayloads } {
  const { committee, peers, psid } = context;
  const round1 = new Map(committee.map((j) => [j, parseRound1Broadcast(messages.broadcast(j))]));
  const h1 = round1Digest(psid, round1);
  const extensionMessages = new Map(peers.map((j) => [j, messageOfThisPair(context, j, messages.direct(j))]));
  const accepted: AcceptedExtension[] = [];
  try {
    for (const [peer, message] of extensionMessages) {
      accepted.push(judgeExtension(context, own, peer, round1.get(peer), message));
    }
    const sk = committeeShare(context, h1);
    const publicKey = multiplyBase(sk);
    const terms = own.r.map((): SumTerms => ({ u: [], v: [] }));
    const p2p = new Map<number, Buffer>();
    for (const extension of accepted) {
      p2p.set(extension.peer, answerPeer(context, extension, own.r, sk, terms));
    }
    const { noncePoints, salt } = own;
    const broadcast = encodeRound2Broadcast({ digest: h1, noncePoints, salt, publicKey });
    return { state: { round1, h1, sk, publicKey, terms }, payloads: { broadcast, p2p } };
  } finally {
    for (const { columns } of accepted) columns.fill(0);
    context.kernel.wipe();
  }
}

/** Overwrites sk_i and the summands. */
export function wipeRound2(state: Round2State): void {
  state.sk.fill(0);
  for (const { u, v } of state.terms) for (const secret of [...u, ...v]) secret.fill(0);
}

/** The message of the OT extension. A peer that is one re-key of the pair behind or ahead is not at fault. */
function messageOfThisPair(context: PresignContext, peer: number, payload: Buffer): Buffer {
  const { pairCounter, extensionMessage } = parseRound1Direct(payload);
  if (pairCounter !== pairOf(context, peer).pairCounter) {
    throw new ProtocolFailure('CONFIG', 'presign.r1.pe', peer);
  }
  return extensionMessage;
}

/** Check 5.4, under the judge. */
function judgeExtension(
  context: PresignContext,
  own: Round1State,
  peer: number,
  broadcast: Round1Broadcast | undefined,
  message: Buffer,
): AcceptedExtension {
  const receiverNonce = broadcast?.nonce ?? Buffer.alloc(0);
  const extensionContext = { pairctx: pairContext(context, context.index, peer), receiverNonce };
  const columns = context.judge(peer, () => {
    const secrets = pairOf(context, peer).asSender;
    const q = answerExtension(secrets, extensionContext, context.batch * context.xi, message);
    if (!q) throw new ProtocolFailure('BAN', 'presign.r1.ote', peer);
    return q;
  });
  const run = { ...extensionContext, senderNonce: own.nonce, messageDigest: messageDigest(message) };
  const { kernel, xi } = context;
  return { peer, columns, run: { kernel, context: run, encrypt: correlationCipher(run), xi } };
}

/** sk_i = lambda_i * s_i + zeta_i; over the committee they add up to the key. */
function committeeShare(context: PresignContext, h1: Buffer): Buffer {
  const { key, committee, peers, index, psid } = context;
  const seeds = new Map(peers.map((j) => [j, pairOf(context, j).zeroSeed]));
  const zeta = zeroShare(seeds, index, committee, psid, h1);
  const weighted = multiplyScalarBytes(
    key.share,
    scalarToBytes(lagrangeCoefficient(secp256k1Group, committee, index)),
  );
  const sk = addScalarBytes(weighted, zeta);
  weighted.fill(0);
  zeta.fill(0);
  return sk;
}

/** Multiplies r_i^p and sk_i for every p, appends c^u and c^v to `terms`, and returns the direct message. */
function answerPeer(
  context: PresignContext,
  { peer, columns, run }: AcceptedExtension,
  r: readonly Buffer[],
  sk: Buffer,
  terms: readonly SumTerms[],
): Buffer {
  const { nabla } = pairOf(context, peer).asSender;
  const answer = new Round2Direct(context.batch, context.xi);
  const c = r.map((nonce, p) => multiplyAsSender(run, p, columns, nabla, [nonce, sk], answer.message(p)));
  const gamma = multiplyBaseEach(c.flat());
  for (const [p, [u, v]] of c.entries()) {
    terms[p]?.u.push(u);
    terms[p]?.v.push(v);
    answer.setPoints(p, gamma.slice(2 * p, 2 * p + 2));
  }
  return answer.payload;
}
