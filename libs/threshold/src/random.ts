/** Randomness is always injected, so that tests are deterministic and a node can choose its generator. */
import { randomBytes } from 'node:crypto';

/** Returns that many fresh, uniform, secret bytes in a Buffer that the caller owns and may wipe. */
export type RandomSource = (bytes: number) => Buffer;

/** The generator of the operating system, through OpenSSL. */
export const systemRandom: RandomSource = (bytes) => randomBytes(bytes);
