import { type KeyObject, sign } from 'node:crypto';
import { publicKeyBytes } from '@quorate/platform';
import {
  type Checkpoint,
  ED25519,
  formatVerifierKey,
  signCheckpoint,
  type VerifierKey,
  verifierKey,
} from '@quorate/transparency-log';

/** Signs the checkpoints of all logs of this auditor, each under a name of its own. */
export class LogIdentity {
  private readonly publicKey: Uint8Array;

  /**
   * @param origin what the names of the logs begin with, for example `audit.example.com`.
   * @param privateKey Ed25519.
   * @throws Malformed when the origin cannot be the name of a key.
   */
  constructor(
    private readonly origin: string,
    private readonly privateKey: KeyObject,
  ) {
    this.publicKey = publicKeyBytes(privateKey);
    this.key(0);
  }

  /** The key of a log; its name is the origin of the log's checkpoints. */
  key(log: number): VerifierKey {
    return verifierKey(`${this.origin}/log/${log}`, ED25519, this.publicKey);
  }

  /** The key of a log as people hand it on. */
  verifierKey(log: number): string {
    return formatVerifierKey(this.key(log));
  }

  /** The signed note of a tree's head. */
  sign(log: number, head: Omit<Checkpoint, 'origin'>): string {
    const key = this.key(log);
    return signCheckpoint({ origin: key.name, ...head }, key, (message) =>
      sign(null, message, this.privateKey),
    );
  }
}
