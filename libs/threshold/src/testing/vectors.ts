/** How each section of libs/threshold/vectors is computed: from its inputs to its outputs, all bytes as hex. */
import { createCipheriv, createHash, createPrivateKey } from 'node:crypto';
import { type HashInput, H, HS, type Label } from '../hash';
import { parsePoint, type Point } from '../group/point';
import { mod, scalarFromBytes, scalarToBytes } from '../group/scalar';
import { baseOtSid, choiceMap } from '../multiplication/base-ot';
import { correlationCipher, correlationHash, type RunContext } from '../multiplication/correlation-hash';
import { gadget } from '../multiplication/gadget';
import { ed25519FrameSigner, encodeFrame, FRAME_TYPES } from '../session/frame';
import { encryptMessage, ExchangeKey } from '../session/p2p-encryption';
import { type Participant } from '../session/session-start';
import { sessionId } from '../session/session-id';
import { encodeOnlineShare } from '../sign/online';
import { gmacHash } from './gmac-hash';
import { runPlain } from './plain-ceremony';
import { presignStart } from './presign-harness';
import { seededRandom } from './seeded-random';
import { combined, copyPresignatures, onlineShares, requestFor } from './signing-harness';
import { dealKey } from './trusted-dealer';

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');

/** A part of a hash: bytes as hex, an integer (u32be) or text (UTF-8). */
export interface VectorPart {
  readonly hex?: string;
  readonly u32?: number;
  readonly text?: string;
}

export function framedHash({ label, parts }: { label: string; parts: readonly VectorPart[] }) {
  const inputs = parts.map((part): HashInput => part.u32 ?? part.text ?? bytes(part.hex ?? ''));
  const known = label as Label; // the vectors name labels of section 1.3
  return { H: hex(H(known, ...inputs)), HS: hex(scalarToBytes(HS(known, ...inputs))) };
}

export function hashToPointOf(input: {
  ssid: string;
  i: number;
  j: number;
  pe: number;
  m: number;
  c: number;
  P: string;
}) {
  const { ssid, i, j, pe, m, c, P } = input;
  const sid = baseOtSid(bytes(ssid), i, j, pe);
  return { sid: hex(sid), Hc: hex(choiceMap(sid, m, c, pointOf(P))) };
}

function pointOf(text: string): Point {
  const point = parsePoint(bytes(text));
  if (!point) throw new RangeError('not a point');
  return point;
}

/** u and the rows are keystreams, so that the file stays small: AES-256-CTR, zero IV, this key. */
export function keystream(key: string, length: number): Buffer {
  return createCipheriv('aes-256-ctr', bytes(key), Buffer.alloc(16)).update(Buffer.alloc(length));
}

export function linearHash(input: {
  pairctx: string;
  nonce: string;
  uKey: string;
  uBytes: number;
  row: string;
}) {
  const { pairctx, nonce, uKey, uBytes, row } = input;
  const lin = gmacHash({ pairctx: bytes(pairctx), receiverNonce: bytes(nonce) }, keystream(uKey, uBytes));
  return { lin: hex(lin(bytes(row))) };
}

interface RunInput {
  readonly pairctx: string;
  readonly receiverNonce: string;
  readonly senderNonce: string;
  readonly rd: string;
}

function runContext({ pairctx, receiverNonce, senderNonce, rd }: RunInput): RunContext {
  return {
    pairctx: bytes(pairctx),
    receiverNonce: bytes(receiverNonce),
    senderNonce: bytes(senderNonce),
    messageDigest: bytes(rd),
  };
}

export function outputHash(input: RunInput & { row: string; index: number }) {
  return { out: hex(correlationHash(correlationCipher(runContext(input)), bytes(input.row), input.index)) };
}

export function gadgetOf(
  input: RunInput & { p: number; xi: number; atildeKey: string; eta: string; mu: string },
) {
  const { p, xi, atildeKey, eta, mu } = input;
  const message = { atilde: keystream(atildeKey, 96 * xi), eta: bytes(eta), mu: bytes(mu) };
  const g = gadget(runContext(input), p, message, xi);
  const entries = [0, 1, 2, 3].map((b) => {
    const bigEndian = Buffer.from(g.subarray(32 * b, 32 * (b + 1))).reverse();
    return hex(scalarToBytes(mod(BigInt(`0x${hex(bigEndian)}`))));
  });
  return { firstFour: entries };
}

interface SessionInput {
  readonly suite: number;
  readonly keyId: string;
  readonly epoch: number;
  readonly t: number;
  readonly n: number;
  readonly participants: readonly { index: number; identityKey: string; bootId: string }[];
  readonly batch: number;
  readonly notAfter: number;
  readonly rnd: string;
}

/** The sid of a key generation and of a presigning with these fields; keyId and batch are of the latter. */
export function sessionIds(input: SessionInput) {
  const { t, n, notAfter, epoch } = input;
  const suite = input.suite === 2 ? 2 : 1;
  const participants = input.participants.map(({ index, identityKey, bootId }): Participant => ({
    index,
    identityKey: bytes(identityKey),
    bootId: bytes(bootId),
  }));
  const common = { suite, threshold: t, parties: n, participants, notAfter, rnd: bytes(input.rnd) } as const;
  return {
    dkg: hex(sessionId({ ...common, purpose: 'dkg', epoch: 0 })),
    presign: hex(
      sessionId({ ...common, purpose: 'presign', keyId: bytes(input.keyId), epoch, batch: input.batch }),
    ),
  };
}

interface FrameInput {
  readonly type: string;
  readonly suite: number;
  readonly round: number;
  readonly keyId: string;
  readonly epoch: number;
  readonly sid: string;
  readonly from: number;
  readonly to: number;
  readonly payload: string;
  readonly ed25519Secret: string;
}

export function frameOf(input: FrameInput) {
  const { suite, round, epoch, from, to } = input;
  const type = Object.entries(FRAME_TYPES).find(([name]) => name === input.type)?.[1];
  if (type === undefined) throw new RangeError(`no frame type ${input.type}`);
  const der = bytes(`302e020100300506032b657004220420${input.ed25519Secret}`);
  const sign = ed25519FrameSigner(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  const numbers = { suite: suite === 2 ? 2 : 1, type, round, epoch, from, to } as const;
  const header = { ...numbers, keyId: bytes(input.keyId), sid: bytes(input.sid) };
  return { frame: hex(encodeFrame(header, bytes(input.payload), sign)) };
}

export function directMessage(input: {
  senderSecret: string;
  receiverSecret: string;
  sid: string;
  from: number;
  to: number;
  round: number;
  header: string;
  plaintext: string;
}) {
  const [sender, receiver] = [input.senderSecret, input.receiverSecret].map(
    (secret) => new ExchangeKey(() => bytes(secret)),
  );
  const shared = sender?.agree(receiver?.publicKey ?? Buffer.alloc(32));
  if (!sender || !receiver || !shared) throw new RangeError('keys agree');
  const context = {
    sid: bytes(input.sid),
    from: input.from,
    to: input.to,
    round: input.round,
    fromKey: sender.publicKey,
    toKey: receiver.publicKey,
  };
  const payload = encryptMessage(shared, context, bytes(input.header), bytes(input.plaintext));
  return {
    senderKey: hex(sender.publicKey),
    receiverKey: hex(receiver.publicKey),
    payload: hex(Buffer.concat(payload)),
  };
}

interface BatchInput {
  readonly suite: number;
  readonly t: number;
  readonly n: number;
  readonly committee: readonly number[];
  readonly batch: number;
  readonly keySeed: string;
  readonly runSeed: string;
  readonly tweak: string;
  readonly message32: string;
}

/** One presign run with fixed randomness, and one signature of its first presignature. */
export function fullBatch(input: BatchInput) {
  const { t, n, committee, batch, keySeed, runSeed } = input;
  const suite = input.suite === 2 ? 2 : 1;
  const { secretKey, shares } = dealKey(t, n, seededRandom(keySeed), { suite });
  const run = runPlain(shares, presignStart(shares, [...committee], batch), { seed: runSeed });
  const messages = run.sent.map(({ round, from, to, kind, bytes: sent }) => ({
    message: `round ${round}, ${from} to ${to}, ${kind}`,
    length: sent.length,
    sha256: createHash('sha256').update(sent).digest('hex'),
  }));
  const presignatures = [...run.batches].map(([index, { presignatures: of }]) => ({
    party: index,
    values: of.map(({ presignatureId, R, ownNoncePoint, phi, u, v }) =>
      [presignatureId, R, ownNoncePoint, phi, u, v].map(hex),
    ),
  }));
  const tweak = scalarFromBytes(bytes(input.tweak));
  const request = requestFor(secretKey, committee, bytes(input.message32), tweak);
  const signers = copyPresignatures(run.batches, 0);
  const online = onlineShares(signers, request);
  const { signature, yParity } = combined(signers, request, online);
  return {
    psid: hex([...run.batches.values()][0]?.sid ?? Buffer.alloc(0)),
    messages,
    presignatures,
    shares: [...online].map(([party, share]) => ({ party, share: hex(encodeOnlineShare(share)) })),
    signature: hex(signature),
    yParity,
  };
}
