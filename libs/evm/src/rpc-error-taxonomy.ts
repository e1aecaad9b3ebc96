/** Reads error texts of nodes by the table and by the rules of whoever runs the submitter. */
import { createHash } from 'node:crypto';

import { type RpcErrorRule, rpcErrorTable, type SendErrorClass } from './rpc-error-table';

export class RpcErrorTaxonomy {
  private readonly rules: readonly RpcErrorRule[];

  /** @param own rules that are asked before the table. */
  constructor(own: readonly RpcErrorRule[] = []) {
    this.rules = [...own, ...rpcErrorTable];
  }

  /** What an error text means; undefined when no rule knows it. */
  classify(text: string): SendErrorClass | undefined {
    return this.rules.find(({ pattern }) => pattern.test(text))?.class;
  }
}

/** A text that no rule knows, without what differs from case to case. */
export interface ErrorFingerprint {
  /** 8 hex digits. */
  fingerprint: string;
  /** The text with `#` for numbers, hex strings and addresses. */
  shape: string;
}

/** The same for all texts that differ in numbers, hashes and addresses only. */
export function fingerprintOf(text: string): ErrorFingerprint {
  const shape = text
    .toLowerCase()
    .replaceAll(/0x[0-9a-f]*/g, '#')
    .replaceAll(/\b(?=[a-z]*\d)[0-9a-f]{8,}\b/g, '#')
    .replaceAll(/\d+(?:[.,]\d+)*/g, '#')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return { fingerprint: createHash('sha256').update(shape).digest('hex').slice(0, 8), shape };
}
