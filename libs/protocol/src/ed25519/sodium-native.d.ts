/** The two functions of libsodium that are used here; the package has no types. */
declare module 'sodium-native' {
  /** Deterministic Ed25519 (RFC 8032) of `message` into `signature` (64 B). @param secretKey seed || public key, 64 B */
  export function crypto_sign_detached(
    signature: Uint8Array,
    message: Uint8Array,
    secretKey: Uint8Array,
  ): void;
  export function crypto_sign_verify_detached(
    signature: Uint8Array,
    message: Uint8Array,
    publicKey: Uint8Array,
  ): boolean;
  export function crypto_sign_seed_keypair(
    publicKey: Uint8Array,
    secretKey: Uint8Array,
    seed: Uint8Array,
  ): void;
  /** Zeroed memory between guard pages that is not swapped and not dumped; wiped when it is collected. */
  export function sodium_malloc(bytes: number): Buffer;
}
