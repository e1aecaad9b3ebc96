import { type ByteSignature, type EcdsaSignature } from '../sign-request/events';

/** What the shares of a whole committee make. */
export type Combination =
  | {
      /** Verified. */
      readonly kind: 'signature';
      readonly signature: EcdsaSignature | ByteSignature;
      /** The key that it verifies under, 0x-hex: the compressed child key, or that of a Schnorr key. */
      readonly publicKey: string;
      /** Null for Schnorr keys. */
      readonly address: string | null;
    }
  | {
      readonly kind: 'failure';
      readonly reason: string;
      /** The node whose share alone is wrong; only shares of Schnorr keys can be checked one by one. */
      readonly accused?: string;
    };
