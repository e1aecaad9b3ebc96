/** The functions of libsodium that are used here; the package has no types. Scalars are 32 bytes little-endian. */
declare module 'sodium-native' {
  /** On the curve, canonical, of the subgroup of prime order, not the identity. */
  export function crypto_core_ed25519_is_valid_point(point: Uint8Array): boolean;
  /** @throws Error unless both are points of the curve */
  export function crypto_core_ed25519_add(sum: Uint8Array, p: Uint8Array, q: Uint8Array): void;
  /** Maps 32 uniform bytes to the prime-order subgroup: Elligator 2 on 255 bits, the sign of x from the last, times 8. */
  export function crypto_core_ed25519_from_uniform(point: Uint8Array, uniform: Uint8Array): void;
  export function crypto_core_ed25519_scalar_add(sum: Uint8Array, x: Uint8Array, y: Uint8Array): void;
  /** Reduces 64 bytes modulo the group order. */
  export function crypto_core_ed25519_scalar_reduce(reduced: Uint8Array, wide: Uint8Array): void;
  /** scalar * base point, constant time. @throws Error for a scalar of zero */
  export function crypto_scalarmult_ed25519_base_noclamp(product: Uint8Array, scalar: Uint8Array): void;
  /** scalar * point, constant time. @throws Error for a scalar of zero or a point outside the prime-order subgroup */
  export function crypto_scalarmult_ed25519_noclamp(
    product: Uint8Array,
    scalar: Uint8Array,
    point: Uint8Array,
  ): void;
  /** X25519 (RFC 7748) with the base point. */
  export function crypto_scalarmult_base(publicKey: Uint8Array, secret: Uint8Array): void;
  /** X25519, constant time. @throws Error for a product of zero */
  export function crypto_scalarmult(product: Uint8Array, secret: Uint8Array, publicKey: Uint8Array): void;
  /** Deterministic Ed25519 (RFC 8032). @param secretKey seed || public key, 64 B */
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
