/** Threshold ECDSA on secp256k1 (the DKLs23 family). Public interface of the library. */
export * from './errors';
export * from './presigning';
