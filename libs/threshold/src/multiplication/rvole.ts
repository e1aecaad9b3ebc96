/**
 * Random vector OLE (specification section 6): sender inputs (a_1, a_2), receiver gets a random chi and (d_1, d_2), sender
 * gets (c_1, c_2), with c_x + d_x = a_x * chi mod q. One multiplication is presignature `p` of an OT-extension run.
 */
import { timingSafeEqual } from 'node:crypto';
import { type BlockCipher, OUTPUT_BYTES, type RunContext } from './correlation-hash';
import { gadget } from './gadget';
import { H, HS } from '../hash';
import { type HashedColumns, type RvoleKernel } from './rvole-kernel';
import {
  addScalarBytes,
  multiplyScalarBytes,
  negateScalar,
  parseScalar,
  SCALAR_BYTES,
  scalarToBytes,
  secretScalarHash,
} from '../group/scalar';

const COLUMN_BYTES = 16;
const DIGEST_BYTES = 32;

/** The sender's message. */
export interface RvoleMessage {
  /** xi rows of three canonical little-endian scalars. */
  readonly atilde: Buffer;
  /** 32 B big-endian. */
  readonly eta: Buffer;
  /** 32 B. */
  readonly mu: Buffer;
}

/** One run of the OT extension, as both sides of a multiplication see it. */
export interface RvoleRun {
  readonly kernel: RvoleKernel;
  readonly context: RunContext;
  /** AES_tk */
  readonly encrypt: BlockCipher;
  /** OTs per multiplication. */
  readonly xi: number;
}

/** Length in bytes of atilde || eta || mu. */
export function rvoleMessageBytes(xi: number): number {
  return xi * OUTPUT_BYTES + SCALAR_BYTES + DIGEST_BYTES;
}

/** Splits atilde || eta || mu; `undefined` for another length or a scalar that is not canonical. */
export function parseRvoleMessage(bytes: Buffer, xi: number, kernel: RvoleKernel): RvoleMessage | undefined {
  if (bytes.length !== rvoleMessageBytes(xi)) return undefined;
  const message = partsOf(bytes, xi);
  const isCanonical = kernel.allCanonical(message.atilde) && parseScalar(message.eta) !== undefined;
  return isCanonical ? message : undefined;
}

function partsOf(bytes: Buffer, xi: number): RvoleMessage {
  const etaAt = xi * OUTPUT_BYTES;
  const muAt = etaAt + SCALAR_BYTES;
  return { atilde: bytes.subarray(0, etaAt), eta: bytes.subarray(etaAt, muAt), mu: bytes.subarray(muAt) };
}

/**
 * The sender's step (6.2, 6.3). A deterministic function of the run and the inputs: a second answer to the same message
 * has the same bytes, or it would hand the receiver a linear equation in the inputs.
 * @param columns q_b of all OTs of the run, 16 B each
 * @param nabla 16 B
 * @param inputs a_1 = r_i^p and a_2 = sk_i, 32 B in [1, q)
 * @param target filled with the message: `rvoleMessageBytes(xi)` bytes
 * @returns (c_1, c_2), which the caller wipes
 */
export function multiplyAsSender(
  run: RvoleRun,
  p: number,
  columns: Buffer,
  nabla: Buffer,
  inputs: readonly [Buffer, Buffer],
  target: Buffer,
): [Buffer, Buffer] {
  const { kernel, context, xi } = run;
  const [a1, a2] = inputs;
  const message = partsOf(target, xi);
  const ahat = secretScalarHash('rv/ahat', ...bindings(context), p, a1, a2);
  const rows = kernel.blind(columnsOf(run, p, columns), nabla, [a1, a2, ahat], message.atilde);
  const [theta1, theta2] = challenges(context, p, message.atilde);
  const [term1, term2] = [multiplyScalarBytes(a1, theta1), multiplyScalarBytes(a2, theta2)];
  const combination = addScalarBytes(term1, term2);
  const eta = addScalarBytes(combination, ahat);
  message.eta.set(eta);
  message.mu.set(checkDigest(context, p, rows.checkColumn(theta1, theta2)));
  const products = rows.innerProducts(gadget(context, p, message, xi));
  for (const secret of [ahat, term1, term2, combination]) secret.fill(0);
  return [negateScalar(products[0]), negateScalar(products[1])];
}

/**
 * The receiver's step (6.4, 6.1).
 * @param columns t_b of all OTs of the run, 16 B each
 * @param beta packed choice bits of the run
 * @returns chi and (d_1, d_2), which the caller wipes; `undefined` when the check fails: BAN, and the pair is dead
 */
export function multiplyAsReceiver(
  run: RvoleRun,
  p: number,
  columns: Buffer,
  beta: Buffer,
  message: RvoleMessage,
): { chi: Buffer; d: [Buffer, Buffer] } | undefined {
  const { kernel, context, xi } = run;
  const rows = kernel.unblind(columnsOf(run, p, columns), message.atilde, message.eta, beta);
  const [theta1, theta2] = challenges(context, p, message.atilde);
  const mu = checkDigest(context, p, rows.checkColumn(theta1, theta2));
  if (!timingSafeEqual(mu, message.mu)) return undefined;
  const g = gadget(context, p, message, xi);
  return { chi: rows.select(g), d: rows.innerProducts(g) };
}

function columnsOf({ encrypt, xi }: RvoleRun, p: number, columns: Buffer): HashedColumns {
  const firstIndex = p * xi;
  const end = (firstIndex + xi) * COLUMN_BYTES;
  return { encrypt, columns: columns.subarray(firstIndex * COLUMN_BYTES, end), firstIndex };
}

/** The fields every hash of a multiplication starts with: pairctx, nu_j, nu_i, rd. */
function bindings(context: RunContext): [Buffer, Buffer, Buffer, Buffer] {
  return [context.pairctx, context.receiverNonce, context.senderNonce, context.messageDigest];
}

/** theta_1 and theta_2, fixed only by the whole of atilde. */
function challenges(context: RunContext, p: number, atilde: Buffer): [Buffer, Buffer] {
  const seed = H('rv/theta', ...bindings(context), p, atilde);
  return [scalarToBytes(HS('rv/theta-i', seed, 1)), scalarToBytes(HS('rv/theta-i', seed, 2))];
}

function checkDigest(context: RunContext, p: number, digits: Uint8Array): Buffer {
  return H('rv/mu', context.pairctx, context.messageDigest, p, digits);
}
