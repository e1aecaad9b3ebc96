/** Presign round 3: every check of every peer, then psi (specification section 7). */
import { correlationCipher } from '../multiplication/correlation-hash';
import { ProtocolFailure } from '../errors';
import { addPoints, type Point, xCoordinate } from '../group/point';
import { sumEach } from '../group/point-batch';
import { multiplyAsReceiver } from '../multiplication/rvole';
import { addScalarBytes, bytesToInteger, mod, negateScalar } from '../group/scalar';
import { type RoundMessages, type RoundPayloads } from '../session/session';
import { nonceCommitment, pairOf, type PresignContext, type Round2Broadcast, round2Digest } from './context';
import { type Multiplication, parseRound2Broadcast, parseRound2Direct } from './payloads';
import { allProductsHold, type ProductClaim, productHolds } from './product-check';
import { type Round1State } from './round1';
import { type Round2State, type SumTerms } from './round2';

/** What this party keeps after round 3. */
export interface Round3State {
  readonly h2: Buffer;
  /** R^p, the sum of all parties' nonce points. */
  readonly noncePoints: readonly Point[];
  /** By presignature: c and d of all peers, secret. */
  readonly terms: readonly SumTerms[];
}

/** chi and (d^u, d^v) of one multiplication, secret. */
interface ReceiverShares {
  readonly chi: Buffer;
  readonly d: readonly [Buffer, Buffer];
}

/**
 * The checks, each for all peers before the next; round 2 is encrypted to keys that only h1 confirms, so h1 is compared
 * before any payload is opened. No psi exists before all of them passed.
 *
 * @throws ProtocolFailure in this order: IDENT `presign.r2.point`, AGREE `presign.r2.h1`, IDENT-P `session.aead` and
 *   `presign.r2.format`, IDENT `presign.r2.com`, BAN `presign.r2.rvole`, `presign.r2.gamma-u`, `presign.r2.gamma-v`,
 *   UNATTRIBUTED `presign.r2.pk`, `presign.r2.R`
 */
export function checkRound2(
  context: PresignContext,
  own1: Round1State,
  own2: Round2State,
  messages: RoundMessages,
): { state: Round3State; payloads: RoundPayloads } {
  const { index, committee, peers, psid, batch, xi } = context;
  const own: Round2Broadcast = {
    digest: own2.h1,
    noncePoints: own1.noncePoints,
    salt: own1.salt,
    publicKey: own2.publicKey,
  };
  const opened = (j: number) => (j === index ? own : openBroadcast(j, messages.broadcast(j), batch));
  const round2 = new Map(committee.map((j) => [j, opened(j)]));
  for (const j of peers) {
    if (!round2.get(j)?.digest.equals(own2.h1)) throw new ProtocolFailure('AGREE', 'presign.r2.h1');
  }
  const answers = new Map<number, Multiplication[]>();
  for (const j of peers) {
    const multiplications = parseRound2Direct(messages.direct(j), batch, xi, context.kernel);
    if (!multiplications) throw new ProtocolFailure('IDENT-P', 'presign.r2.format', j);
    answers.set(j, multiplications);
  }
  for (const j of peers) {
    const [first, second] = [own2.round1.get(j), round2.get(j)];
    const opens =
      first && second && nonceCommitment(psid, j, { ...first, ...second }).equals(first.commitment);
    if (!opens) throw new ProtocolFailure('IDENT', 'presign.r2.com', j);
  }
  const received = new Map(peers.map((j): [number, ReceiverShares[]] => [j, []]));
  try {
    for (const [j, shares] of received) {
      judgeAnswers(context, own1, own2, j, round2.get(j), answers.get(j) ?? [], shares);
    }
    const keys = [...round2.values()].map(({ publicKey }) => publicKey);
    if (!addPoints(...keys)?.equals(context.key.publicKey)) {
      throw new ProtocolFailure('UNATTRIBUTED', 'presign.r2.pk');
    }
    const noncePoints = sumNoncePoints([...round2.values()]);
    return conclude(own1, own2, received, noncePoints, round2Digest(psid, own2.h1, round2));
  } catch (error) {
    for (const { chi, d } of [...received.values()].flat()) for (const secret of [chi, ...d]) secret.fill(0);
    throw error;
  } finally {
    context.kernel.wipe();
  }
}

function openBroadcast(party: number, payload: Buffer, batch: number): Round2Broadcast {
  const broadcast = parseRound2Broadcast(payload, batch);
  if (!broadcast) throw new ProtocolFailure('IDENT', 'presign.r2.point', party);
  return broadcast;
}

/**
 * Checks 6.4, Gamma^u and Gamma^v of all presignatures of one peer, under the judge, and appends to `shares`. Each check
 * is made for all presignatures before it fails, once; both Gamma checks in one sum, taken apart only when it fails.
 */
function judgeAnswers(
  context: PresignContext,
  own1: Round1State,
  own2: Round2State,
  peer: number,
  broadcast: Round2Broadcast | undefined,
  multiplications: readonly Multiplication[],
  shares: ReceiverShares[],
): void {
  const [extension, first] = [own1.extensions.get(peer), own2.round1.get(peer)];
  if (!extension || !first || !broadcast) throw new RangeError(`no extension with party ${peer}`);
  const run = {
    pairctx: extension.pairctx,
    receiverNonce: own1.nonce,
    senderNonce: first.nonce,
    messageDigest: extension.messageDigest,
  };
  const { kernel, xi } = context;
  const rvole = { kernel, context: run, encrypt: correlationCipher(run), xi };
  const { columns, beta } = extension.secrets;
  const { noncePoints, publicKey } = broadcast;
  context.judge(peer, () => {
    pairOf(context, peer); // not wiped since round 1
    multiplications.forEach(({ message }, p) => {
      const share = multiplyAsReceiver(rvole, p, columns, beta, message);
      if (share) shares.push(share);
    });
    const ban = (check: string) => new ProtocolFailure('BAN', check, peer);
    if (shares.length !== multiplications.length) throw ban('presign.r2.rvole');
    const aboutNonces = noncePoints.map((point, p) => ({
      point,
      claims: [claim(shares, multiplications, p, 'u')],
    }));
    const aboutKey = {
      point: publicKey,
      claims: shares.map((_, p) => claim(shares, multiplications, p, 'v')),
    };
    if (allProductsHold([...aboutNonces, aboutKey], context.random)) return;
    const isAboutNonces = aboutNonces.some(({ point, claims }) =>
      claims.some((it) => !productHolds(point, it)),
    );
    throw ban(isAboutNonces ? 'presign.r2.gamma-u' : 'presign.r2.gamma-v');
  });
}

/** chi * R_j^p = d^u * G + Gamma^u, or chi * pk_j = d^v * G + Gamma^v. */
function claim(
  shares: readonly ReceiverShares[],
  multiplications: readonly Multiplication[],
  p: number,
  input: 'u' | 'v',
): ProductClaim {
  const [share, multiplication] = [shares[p], multiplications[p]];
  if (!share || !multiplication) throw new RangeError(`no multiplication ${p}`);
  const { chi, d } = share;
  const { gammaU, gammaV } = multiplication;
  return input === 'u' ? { chi, d: d[0], gamma: gammaU } : { chi, d: d[1], gamma: gammaV };
}

function sumNoncePoints(round2: readonly Round2Broadcast[]): Point[] {
  const [first] = round2;
  const lists = first?.noncePoints.map((_, p) => round2.flatMap(({ noncePoints }) => noncePoints[p] ?? []));
  return sumEach(lists ?? []).map((R) => {
    if (!R || mod(bytesToInteger(xCoordinate(R))) === 0n) {
      throw new ProtocolFailure('UNATTRIBUTED', 'presign.r2.R');
    }
    return R;
  });
}

/** psi_{i->j}^p = phi_i^p - chi_{i,j}^p, and the summands d; chi is wiped. */
function conclude(
  own1: Round1State,
  own2: Round2State,
  received: ReadonlyMap<number, ReceiverShares[]>,
  noncePoints: readonly Point[],
  h2: Buffer,
): { state: Round3State; payloads: RoundPayloads } {
  const p2p = new Map<number, Buffer>();
  for (const [peer, shares] of received) {
    const psi = own1.phi.flatMap((phi, p) => {
      const share = shares[p];
      if (!share) return [];
      own2.terms[p]?.u.push(share.d[0]);
      own2.terms[p]?.v.push(share.d[1]);
      const difference = addScalarBytes(phi, negateScalar(share.chi));
      share.chi.fill(0);
      return [difference];
    });
    p2p.set(peer, Buffer.concat(psi));
    for (const summand of psi) summand.fill(0);
  }
  return { state: { h2, noncePoints, terms: own2.terms }, payloads: { broadcast: h2, p2p } };
}
