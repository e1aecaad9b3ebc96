/** The native addon alone: the package's index falls back to pure JavaScript without a word (section 15). */
declare module 'secp256k1/bindings' {
  export * from 'secp256k1';
}
