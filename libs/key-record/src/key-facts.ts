/**
 * A key as records carry it (interfaces.md, state channel) and as libs/threshold knows it: the public facts, with the
 * certificate that says so. Bytes are lowercase 0x-hex.
 */
import { addressOf } from '@quorate/evm';
import { fromHex, type KeyFacts, type KeyStateInput, toHex } from '@quorate/protocol';
import {
  type Certificate,
  decodeCertificate,
  encodeCertificate,
  groupOf,
  InvalidInput,
  isEcdsaSuite,
  keyIdOf,
  parseSuiteId,
  type Point,
  schemeOf,
} from '@quorate/threshold';

export type KeyFactsInput = Omit<KeyStateInput, 'type' | 'id' | 'at' | 'status'>;

/** @param participants node ids in order of their party indices */
export function keyFactsOf(certificate: Certificate, participants: string[]): KeyFactsInput {
  const { suite, epoch, threshold, publicKey, chainCode, publicShares, previous } = certificate;
  return {
    keyId: `k_${keyIdOf(publicKey).toString('hex')}`,
    scheme: schemeOf(suite),
    epoch,
    threshold,
    participants,
    publicKey: toHex(publicKey),
    chainCode: toHex(chainCode),
    publicShares: hexByIndex(publicShares),
    certificate: {
      suite,
      epoch,
      sid: toHex(certificate.sid),
      ssid: toHex(certificate.ssid),
      transcript: toHex(certificate.transcript),
      identities: hexByIndex(certificate.identities),
      signatures: hexByIndex(certificate.signatures),
      ...(previous && {
        dealers: [...certificate.dealers],
        previous: encodeCertificate(previous).toString('base64'),
      }),
    },
    ...(isEcdsaSuite(suite) && { address: addressOf(publicKey) }),
  };
}

/** The certificate inside a key record, not verified; undefined when its form is wrong or a point in it is none. */
export function certificateOf(
  facts: Pick<KeyFacts, 'certificate' | 'threshold' | 'publicKey' | 'publicShares' | 'chainCode'>,
): Certificate | undefined {
  const { certificate } = facts;
  const suite = parseSuiteId(certificate.suite);
  if (suite === undefined) return undefined;
  const { dealers, previous } = certificate;
  const group = groupOf(suite);
  const publicKey = group.parsePoint(fromHex(facts.publicKey));
  const publicShares = new Map<number, Point>();
  for (const [index, text] of Object.entries(facts.publicShares)) {
    const point = group.parsePoint(fromHex(text));
    if (point === undefined) return undefined;
    publicShares.set(Number(index), point);
  }
  if (publicKey === undefined || (previous === undefined) !== (dealers === undefined)) return undefined;
  const common = {
    suite,
    epoch: certificate.epoch,
    sid: fromHex(certificate.sid),
    ssid: fromHex(certificate.ssid),
    transcript: fromHex(certificate.transcript),
    threshold: facts.threshold,
    identities: bytesByIndex(certificate.identities),
    publicKey,
    publicShares,
    chainCode: fromHex(facts.chainCode),
    signatures: bytesByIndex(certificate.signatures),
  };
  if (previous === undefined || dealers === undefined) return common;
  const before = formerCertificate(previous);
  return before && { ...common, dealers, previous: before };
}

function formerCertificate(encoded: string): Certificate | undefined {
  try {
    return decodeCertificate(Buffer.from(encoded, 'base64'));
  } catch (error) {
    if (error instanceof InvalidInput) return undefined;
    throw error;
  }
}

function hexByIndex(values: ReadonlyMap<number, Uint8Array>): Record<string, string> {
  return Object.fromEntries(
    [...values].sort(([a], [b]) => a - b).map(([index, value]) => [index, toHex(value)]),
  );
}

function bytesByIndex(values: Readonly<Record<string, string>>): Map<number, Buffer> {
  return new Map(Object.entries(values).map(([index, text]) => [Number(index), fromHex(text)]));
}
