/** Order of the secp256k1 group (SEC 2, section 2.4.1). */
export const Q = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
