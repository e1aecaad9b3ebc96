/** What a key is to the submitter: enough to derive its children's addresses. */
export interface KnownKey {
  scheme: string;
  /** Compressed, 0x-hex. */
  publicKey: string;
  /** 32 bytes, 0x-hex. */
  chainCode: string;
}

/** The keys that the nodes published. */
export interface KeyRegister {
  /** The key, once as many of its nodes as can sign with it have published the same facts. */
  find(keyId: string): KnownKey | undefined;
}
