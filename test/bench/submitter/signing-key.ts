/** A whole key, as the stub signer holds it and two nodes that do not run publish it. */
import { randomBytes, randomUUID } from 'node:crypto';
import { addressOf } from '@quorate/evm';
import {
  type EncodedRecord,
  encodeRecord,
  fromHex,
  parseDerivationPath,
  type RecordSigner,
  toHex,
} from '@quorate/protocol';
import { deriveChild, parsePoint } from '@quorate/threshold';
import { ecdsaSign, privateKeyTweakAdd, publicKeyCreate } from 'secp256k1/bindings';

/** Hex without 0x. */
export interface KeyMaterial {
  readonly keyId: string;
  readonly secret: string;
  readonly chainCode: string;
}

interface Child {
  readonly secret: Uint8Array;
  readonly publicKey: string;
  readonly address: string;
}

export function newKeyMaterial(): KeyMaterial {
  const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
  return { keyId: `k_${hex(8)}`, secret: hex(32), chainCode: hex(32) };
}

export class SigningKey {
  readonly keyId: string;
  private readonly secret: Buffer;
  private readonly chainCode: Buffer;
  private readonly children = new Map<string, Child>();

  constructor({ keyId, secret, chainCode }: KeyMaterial) {
    this.keyId = keyId;
    this.secret = Buffer.from(secret, 'hex');
    this.chainCode = Buffer.from(chainCode, 'hex');
  }

  /** The child at a path; derived once. */
  child(path: string): Child {
    const known = this.children.get(path);
    if (known !== undefined) return known;
    const root = parsePoint(publicKeyCreate(this.secret));
    if (root === undefined) throw new Error('the key has no public key');
    const { publicKey, tweak } = deriveChild(root, this.chainCode, parseDerivationPath(path));
    const tweakBytes = Buffer.from(tweak.toString(16).padStart(64, '0'), 'hex');
    const child = {
      secret: privateKeyTweakAdd(Buffer.from(this.secret), tweakBytes),
      publicKey: toHex(publicKey),
      address: addressOf(publicKey),
    };
    this.children.set(path, child);
    return child;
  }

  /** Signs a digest (0x-hex), as finals carry signatures. */
  sign(digest: string, path: string): { r: string; s: string; yParity: 0 | 1 } {
    const { signature, recid } = ecdsaSign(fromHex(digest), this.child(path).secret);
    const hex = Buffer.from(signature).toString('hex');
    return { r: `0x${hex.slice(0, 64)}`, s: `0x${hex.slice(64)}`, yParity: recid === 0 ? 0 : 1 };
  }

  /** The key's record by one of its two nodes. */
  record(node: string, signer: RecordSigner): EncodedRecord {
    const hex = (bytes: number): string => toHex(randomBytes(bytes));
    const publicKey = toHex(publicKeyCreate(this.secret));
    const data = {
      ...{ type: 'quorate.state.key.v1', id: randomUUID(), keyId: this.keyId, scheme: 'ecdsa-secp256k1' },
      ...{ epoch: 0, threshold: 2, participants: ['node-1', 'node-2'], publicKey },
      ...{ chainCode: toHex(this.chainCode), publicShares: { '1': publicKey, '2': publicKey } },
      certificate: {
        ...{ suite: 1, epoch: 0, sid: hex(32), ssid: hex(32), transcript: hex(32) },
        ...{ identities: { '1': hex(32), '2': hex(32) }, signatures: { '1': hex(64), '2': hex(64) } },
      },
      ...{ address: addressOf(publicKey), at: new Date().toISOString() },
    };
    const record = {
      typ: 'state' as const,
      source: `/node/${node}`,
      data,
      key: this.keyId,
      time: new Date(),
    };
    return encodeRecord(record, signer);
  }
}
