import { type Point } from './point';
import { type SuiteId } from './suite';

export interface Certificate {
  readonly suite: SuiteId;
  readonly epoch: number;
  readonly sid: Buffer;
  readonly ssid: Buffer;
  /** D2, the digest of all round 2 broadcasts. */
  readonly transcript: Buffer;
  readonly threshold: number;
  readonly identities: ReadonlyMap<number, Buffer>;
  readonly publicKey: Point;
  readonly publicShares: ReadonlyMap<number, Point>;
  readonly chainCode: Buffer;
  /** 64 B Ed25519 signatures on the OK frames, by party. */
  readonly signatures: ReadonlyMap<number, Buffer>;
}
