import { type LogEntry } from './log-entry';

/** The events that are found by what they name: of each thing, the event that names it first or best. */
const NAMING = new Set(
  [
    ...['tx.requested', 'tx.nonce-reserved', 'tx.signed', 'tx.included'],
    ...['sign.completed', 'sign.rejected', 'key.generated', 'presign.stocked'],
  ].map((type) => `quorate.${type}.v1`),
);

/** 20 bytes, or 32 to 100, as 0x-hex; the halves of a signature are nobody's question. */
const NAMED = /(?<!"[rs]":)"0x((?:[0-9a-fA-F]{2}){32,100}|[0-9a-fA-F]{40})"/g;

/**
 * What a verified event names wherever in its data: hashes of transactions, requests and blocks, digests, addresses,
 * public keys and nonce points, each once.
 */
export function namedHashes({ verified, type, value }: LogEntry): Buffer[] {
  if (!verified || type === null || value === null || !NAMING.has(type)) return [];
  const found = value.toString('latin1').matchAll(NAMED);
  const digits = new Set(Array.from(found, ([, hex = '']) => hex.toLowerCase()));
  return Array.from(digits, (hex) => Buffer.from(hex, 'hex'));
}
