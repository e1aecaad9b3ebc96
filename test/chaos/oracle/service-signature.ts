import { createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';

/** Checks signatures of services as a stranger would, from the identities in stack.json alone. */
export class ServiceSignatures {
  private readonly keys: ReadonlyMap<string, KeyObject>;

  constructor(identities: Readonly<Record<string, JsonWebKey>>) {
    this.keys = new Map(
      Object.entries(identities).map(([kid, key]) => [kid, createPublicKey({ key, format: 'jwk' })]),
    );
  }

  /** The signer's kid when this is its signature of this `typ` over exactly these bytes (RFC 7515, detached). */
  signer(jws: string, value: Buffer, typ: string): string | undefined {
    const [head = '', payload, signature = ''] = jws.split('.');
    if (![head, signature].every(isBase64url)) return undefined;
    let header: unknown;
    try {
      header = JSON.parse(Buffer.from(head, 'base64url').toString());
    } catch {
      return undefined;
    }
    if (typeof header !== 'object' || header === null || !('kid' in header) || !('typ' in header))
      return undefined;
    const { kid } = header;
    if (payload !== '' || header.typ !== `${typ}+jws` || typeof kid !== 'string') return undefined;
    const key = this.keys.get(kid);
    const signed = Buffer.from(`${head}.${value.toString('base64url')}`);
    return key && verify(null, signed, key, Buffer.from(signature, 'base64url')) ? kid : undefined;
  }
}

/** In its one form (RFC 7515, section 2): a changed bit of the last character would otherwise be read over. */
function isBase64url(text: string): boolean {
  return Buffer.from(text, 'base64url').toString('base64url') === text;
}
