/** The payloads of the three presign rounds; lengths follow from suite and batch alone (specification sections 7 and 14). */
import { extensionMessageBytes } from '../multiplication/ot-extension';
import { type Point, POINT_BYTES } from '../group/point';
import { parsePointEach } from '../group/point-batch';
import { parseRvoleMessage, type RvoleMessage, rvoleMessageBytes } from '../multiplication/rvole';
import { type RvoleKernel } from '../multiplication/rvole-kernel';
import { isCanonicalScalar, SCALAR_BYTES } from '../group/scalar';
import { type RoundExpectation } from '../session/mailbox';
import { type Round1Broadcast, type Round2Broadcast } from './context';

const HASH_BYTES = 32;
const COUNTER_BYTES = 4;

/** The answer of a sender to one peer, for one presignature. */
export interface Multiplication {
  readonly message: RvoleMessage;
  /** Gamma^u_ij = c^u_ij * G */
  readonly gammaU: Point;
  /** Gamma^v_ij = c^v_ij * G */
  readonly gammaV: Point;
}

/** What each member sends, in bytes of plaintext. */
export function presignRounds(batch: number, xi: number): RoundExpectation[] {
  return [
    { broadcast: 3 * HASH_BYTES, p2p: COUNTER_BYTES + extensionMessageBytes(batch * xi), encrypted: false },
    {
      broadcast: 2 * HASH_BYTES + (batch + 1) * POINT_BYTES,
      p2p: batch * multiplicationBytes(xi),
      encrypted: true,
    },
    { broadcast: HASH_BYTES, p2p: batch * SCALAR_BYTES, encrypted: true },
  ];
}

function multiplicationBytes(xi: number): number {
  return rvoleMessageBytes(xi) + 2 * POINT_BYTES;
}

export function encodeRound1Broadcast({ nonce, exchangeKey, commitment }: Round1Broadcast): Buffer {
  return Buffer.concat([nonce, exchangeKey, commitment]);
}

export function parseRound1Broadcast(payload: Buffer): Round1Broadcast {
  return {
    nonce: payload.subarray(0, HASH_BYTES),
    exchangeKey: payload.subarray(HASH_BYTES, 2 * HASH_BYTES),
    commitment: payload.subarray(2 * HASH_BYTES),
  };
}

/** u32be pe_ij, then the message of the OT extension. */
export function encodeRound1Direct(pairCounter: number, extensionMessage: Buffer): Buffer {
  const counter = Buffer.alloc(COUNTER_BYTES);
  counter.writeUInt32BE(pairCounter);
  return Buffer.concat([counter, extensionMessage]);
}

export function parseRound1Direct(payload: Buffer): { pairCounter: number; extensionMessage: Buffer } {
  return { pairCounter: payload.readUInt32BE(0), extensionMessage: payload.subarray(COUNTER_BYTES) };
}

export function encodeRound2Broadcast({ digest, noncePoints, salt, publicKey }: Round2Broadcast): Buffer {
  return Buffer.concat([digest, ...noncePoints, salt, publicKey]);
}

/** @returns `undefined` when a point is not valid */
export function parseRound2Broadcast(payload: Buffer, batch: number): Round2Broadcast | undefined {
  const pointsEnd = HASH_BYTES + batch * POINT_BYTES;
  const saltEnd = pointsEnd + HASH_BYTES;
  const encoded = Array.from({ length: batch }, (_, p) => pointAt(payload, HASH_BYTES + p * POINT_BYTES));
  const points = parsePointEach([pointAt(payload, saltEnd), ...encoded]);
  const [publicKey, ...noncePoints] = points.flatMap((point) => point ?? []);
  if (!publicKey || noncePoints.length !== batch) return undefined;
  const salt = payload.subarray(pointsEnd, saltEnd);
  return { digest: payload.subarray(0, HASH_BYTES), noncePoints, salt, publicKey };
}

function pointAt(payload: Buffer, at: number): Buffer {
  return payload.subarray(at, at + POINT_BYTES);
}

/**
 * The direct message of round 2, to be filled in place: atilde, eta, mu, Gamma^u, Gamma^v of each presignature.
 * A default batch has 868 KB.
 */
export class Round2Direct {
  readonly payload: Buffer;

  constructor(
    batch: number,
    private readonly xi: number,
  ) {
    this.payload = Buffer.allocUnsafe(batch * multiplicationBytes(xi));
  }

  /** Where atilde, eta and mu of presignature p go. */
  message(p: number): Buffer {
    const start = p * multiplicationBytes(this.xi);
    return this.payload.subarray(start, start + rvoleMessageBytes(this.xi));
  }

  /** @param gamma Gamma^u and Gamma^v of presignature p */
  setPoints(p: number, gamma: readonly Point[]): void {
    const at = p * multiplicationBytes(this.xi) + rvoleMessageBytes(this.xi);
    gamma.forEach((point, k) => this.payload.set(point, at + k * POINT_BYTES));
  }
}

/** @returns `undefined` when a scalar is not canonical or a point not valid */
export function parseRound2Direct(
  payload: Buffer,
  batch: number,
  xi: number,
  kernel: RvoleKernel,
): Multiplication[] | undefined {
  const size = multiplicationBytes(xi);
  const gammaAt = rvoleMessageBytes(xi);
  const starts = Array.from({ length: batch }, (_, p) => p * size);
  const points = parsePointEach(
    starts.flatMap((at) => [pointAt(payload, at + gammaAt), pointAt(payload, at + gammaAt + POINT_BYTES)]),
  );
  const multiplications: Multiplication[] = [];
  for (const [p, at] of starts.entries()) {
    const message = parseRvoleMessage(payload.subarray(at, at + gammaAt), xi, kernel);
    const [gammaU, gammaV] = points.slice(2 * p, 2 * p + 2);
    if (!message || !gammaU || !gammaV) return undefined;
    multiplications.push({ message, gammaU, gammaV });
  }
  return multiplications;
}

/** @returns psi of each presignature, 32 B; `undefined` when one is not canonical */
export function parseRound3Direct(payload: Buffer, batch: number): Buffer[] | undefined {
  const psi = Array.from({ length: batch }, (_, p) =>
    payload.subarray(p * SCALAR_BYTES, (p + 1) * SCALAR_BYTES),
  );
  return psi.every(isCanonicalScalar) ? psi : undefined;
}
