import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type RecordSigner, recordSigner } from '@quorate/protocol';

/** The identity keys of compromised parties, as whoever broke into their machines has them. */
export class StolenKeys {
  private readonly folder: string;

  /** @param anyKeyFile a key file of the stack: the others lie beside it */
  constructor(anyKeyFile: string) {
    this.folder = dirname(anyKeyFile);
  }

  signer(kid: string): RecordSigner {
    return recordSigner(kid, this.key(kid));
  }

  private key(kid: string): KeyObject {
    return createPrivateKey(readFileSync(join(this.folder, `${kid}.pem`)));
  }
}
