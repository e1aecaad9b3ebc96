import { secp256k1 } from '@noble/curves/secp256k1.js';
import {
  computeAddress,
  concat,
  dataSlice,
  encodeBase58,
  hashMessage,
  HDNodeWallet,
  keccak256,
  sha256,
  TypedDataEncoder,
  type TypedDataDomain,
  type TypedDataField,
} from 'ethers';
import { z } from 'zod';

const requestSchema = z.looseObject({
  requester: z.string(),
  requestId: z.string(),
  keyId: z.string(),
  path: z.string().optional(),
  payload: z.looseObject({ kind: z.string() }),
});
const completedSchema = z.looseObject({
  requester: z.string(),
  requestId: z.string(),
  requestHash: z.string(),
  keyId: z.string(),
  path: z.string().nullish(),
  digest: z.string(),
  signature: z.object({ r: z.string(), s: z.string(), yParity: z.union([z.literal(0), z.literal(1)]) }),
  publicKey: z.string(),
  address: z.string(),
  committee: z.array(z.string()),
  presignatureId: z.string(),
});
const typedDataSchema = z.object({
  domain: z.custom<TypedDataDomain>((value) => typeof value === 'object'),
  types: z.record(z.string(), z.array(z.custom<TypedDataField>((value) => typeof value === 'object'))),
  message: z.record(z.string(), z.unknown()),
});

/** The root key of stack.json. */
export interface RootKey {
  readonly keyId: string;
  readonly publicKey: string;
  readonly chainCode: string;
}

/**
 * Verifies a completed final from interfaces.md alone, with other libraries than the product: BIP-32 and the digests by
 * ethers, the signature by noble.
 */
export class FinalVerifier {
  private readonly children = new Map<string, string>();

  constructor(private readonly root: RootKey) {}

  /** What is wrong with this final as an answer to these bytes; undefined when nothing is. */
  fault(final: Readonly<Record<string, unknown>>, request: Buffer): string | undefined {
    const parsed = completedSchema.safeParse(final);
    if (!parsed.success) return `its fields: ${parsed.error.message}`;
    const asked = requestSchema.parse(JSON.parse(request.toString()));
    const { requester, requestId, requestHash, keyId, path, digest, publicKey, address, signature } =
      parsed.data;
    if (requester !== asked.requester || requestId !== asked.requestId) return 'it answers another request';
    if (requestHash !== sha256(request)) return 'its requestHash is of other bytes';
    if (keyId !== asked.keyId || keyId !== this.root.keyId) return 'it is of another key';
    if ((path ?? 'm') !== (asked.path ?? 'm')) return 'it is of another path';
    if (digest !== digestOf(asked.payload)) return 'its digest is not that of the payload';
    if (publicKey !== this.child(asked.path ?? 'm')) return 'its publicKey is not the child key';
    if (address.toLowerCase() !== computeAddress(publicKey).toLowerCase()) return 'its address is another';
    return signatureFault(signature, digest, publicKey);
  }

  /** The compressed child key at an unhardened path, as ethers derives it from an extended public key. */
  private child(path: string): string {
    const known = this.children.get(path);
    if (known !== undefined) return known;
    // version (xpub), depth, parent fingerprint, index, chain code, key: BIP-32 "Serialization format"
    const body = concat([
      '0x0488b21e',
      '0x00',
      '0x00000000',
      '0x00000000',
      this.root.chainCode,
      this.root.publicKey,
    ]);
    const extended = encodeBase58(concat([body, dataSlice(sha256(sha256(body)), 0, 4)]));
    const relative = path.replace(/^m\/?/, '');
    const root = HDNodeWallet.fromExtendedKey(extended);
    const { publicKey } = relative === '' ? root : root.derivePath(relative);
    this.children.set(path, publicKey);
    return publicKey;
  }
}

function signatureFault(
  { r, s, yParity }: { r: string; s: string; yParity: 0 | 1 },
  digest: string,
  publicKey: string,
): string | undefined {
  const compact = Buffer.from(r.slice(2) + s.slice(2), 'hex');
  const message = Buffer.from(digest.slice(2), 'hex');
  const key = Buffer.from(publicKey.slice(2), 'hex');
  try {
    if (!secp256k1.verify(compact, message, key, { prehash: false, lowS: true }))
      return 'its signature is not valid';
    const recovered = secp256k1.recoverPublicKey(Buffer.concat([Buffer.of(yParity), compact]), message, {
      prehash: false,
    });
    return Buffer.from(recovered).equals(key) ? undefined : 'its yParity is wrong';
  } catch (error) {
    return `its signature is malformed: ${String(error)}`;
  }
}

function digestOf(payload: Readonly<Record<string, unknown>>): string {
  switch (payload['kind']) {
    case 'eip191':
      return hashMessage(Buffer.from(String(payload['message']).slice(2), 'hex'));
    case 'eip712': {
      const { domain, types, message } = typedDataSchema.parse(payload['typedData']);
      return TypedDataEncoder.hash(domain, types, message);
    }
    case 'evm-transaction':
    case 'evm-intent':
    case 'evm-cancel':
      return keccak256(String(payload['unsigned']));
    default:
      return `unknown payload kind ${String(payload['kind'])}`;
  }
}
