/** Signature schemes and their parameter sets (specification section 1). */
import { ed25519Group } from './group/ed25519-group';
import { type Group } from './group/group';
import { secp256k1Group } from './group/secp256k1-group';

/** What a key signs with. */
export type Scheme = 'ecdsa-secp256k1' | 'eddsa-ed25519' | 'bip340-secp256k1';

/** Parameter sets of threshold ECDSA, as numbered on the wire. */
export type EcdsaSuiteId = 1 | 2;
/** FROST(Ed25519, SHA-512) of RFC 9591 and FROST for BIP-340, as numbered on the wire. */
export type SchnorrSuiteId = 3 | 4;
/** Number of a parameter set on the wire. */
export type SuiteId = EcdsaSuiteId | SchnorrSuiteId;

/** Parameters of one suite of threshold ECDSA. */
export interface Suite {
  readonly id: EcdsaSuiteId;
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

const SUITES: Readonly<Record<EcdsaSuiteId, Suite>> = {
  1: { id: 1, lambdaS: 80, xi: KAPPA + 3 * 80 + 2 * LAMBDA_C, defaultBatch: 12 },
  2: { id: 2, lambdaS: 128, xi: KAPPA + 3 * 128 + 2 * LAMBDA_C, defaultBatch: 8 },
};

const SCHEMES: Readonly<Record<SuiteId, { readonly scheme: Scheme; readonly group: Group }>> = {
  1: { scheme: 'ecdsa-secp256k1', group: secp256k1Group },
  2: { scheme: 'ecdsa-secp256k1', group: secp256k1Group },
  3: { scheme: 'eddsa-ed25519', group: ed25519Group },
  4: { scheme: 'bip340-secp256k1', group: secp256k1Group },
};

/** The parameters of a suite of threshold ECDSA. */
export function suite(id: EcdsaSuiteId): Suite {
  return SUITES[id];
}

/** Whether keys of the suite sign ECDSA, and so have oblivious-transfer state with every peer. */
export function isEcdsaSuite(id: SuiteId): id is EcdsaSuiteId {
  return id === 1 || id === 2;
}

export function schemeOf(id: SuiteId): Scheme {
  return SCHEMES[id].scheme;
}

/** The group in which keys of the suite live. */
export function groupOf(id: SuiteId): Group {
  return SCHEMES[id].group;
}

/** The suite with that number; `undefined` for an unknown one. */
export function parseSuiteId(value: number): SuiteId | undefined {
  return value === 1 || value === 2 || value === 3 || value === 4 ? value : undefined;
}
