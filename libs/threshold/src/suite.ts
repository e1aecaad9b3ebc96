/** Parameter sets (specification section 1). */

/** Number of a parameter set on the wire. */
export type SuiteId = 1 | 2;

/** Parameters of one suite. */
export interface Suite {
  readonly id: SuiteId;
  /** Statistical security of the gadget encoding, bits. */
  readonly lambdaS: number;
  /** Oblivious transfers per multiplication: kappa + 3*lambda_s + 2*lambda_c (ePrint 2026/976). */
  readonly xi: number;
  /** Default number of presignatures per batch. */
  readonly defaultBatch: number;
}

/** Bits of the group order. */
export const KAPPA = 256;
/** Computational security: number of base OTs per direction and length of Nabla in bits. */
export const LAMBDA_C = 128;
/** Sender inputs per multiplication: the nonce share and the key share. */
export const ELL = 2;
/** Check columns per multiplication. */
export const RHO = 1;
/** Scalars per oblivious transfer. */
export const W = ELL + RHO;
/** Largest batch of presignatures. */
export const MAX_BATCH = 64;
/** Largest number of parties. */
export const MAX_PARTIES = 16;

const SUITES: Readonly<Record<SuiteId, Suite>> = {
  1: { id: 1, lambdaS: 80, xi: KAPPA + 3 * 80 + 2 * LAMBDA_C, defaultBatch: 12 },
  2: { id: 2, lambdaS: 128, xi: KAPPA + 3 * 128 + 2 * LAMBDA_C, defaultBatch: 8 },
};

/** The parameters of a suite. */
export function suite(id: SuiteId): Suite {
  return SUITES[id];
}
