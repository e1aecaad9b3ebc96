/**
 * What the answer to eth_sendRawTransaction says about the transaction. Only a known text of a JSON-RPC error is a
 * verdict; everything else means "maybe sent", because a node may have taken the bytes before the answer was lost.
 */
import { isError } from 'ethers';

import { type Rejection } from './rpc-error-table';
import { type ErrorFingerprint, fingerprintOf, type RpcErrorTaxonomy } from './rpc-error-taxonomy';
import { plainText } from './untrusted-text';

/** Maybe sent. */
export interface AmbiguousVerdict {
  kind: 'ambiguous';
  message: string;
  /** Whether the endpoint failed (no answer, a broken one, its own trouble), rather than said what nobody knows. */
  endpointFailed: boolean;
  /** Of an error text that no rule knows. */
  unknown?: ErrorFingerprint;
}

/**
 * `accepted`: the node has it. `known`: it had it already. `nonce-used`: some transaction with this nonce was mined,
 * perhaps this one. `rejected`: this node does not have it, for `reason`. `ambiguous`: maybe sent.
 */
export type SendVerdict =
  | { kind: 'accepted' | 'known' }
  | { kind: 'nonce-used'; message: string }
  | { kind: 'rejected'; reason: Rejection; message: string }
  | AmbiguousVerdict;

/** Reads what `provider.send` returned; `hash` is our own computation of the transaction hash. */
export function verdictOfResult(result: unknown, hash: string): SendVerdict {
  if (typeof result === 'string' && result.toLowerCase() === hash) return { kind: 'accepted' };
  const answer = String(JSON.stringify(result)).slice(0, 80);
  return {
    ...{ kind: 'ambiguous', endpointFailed: true },
    message: `the node answered ${answer} instead of the hash`,
  };
}

/** Reads what `provider.send` threw. */
export function verdictOfError(error: unknown, taxonomy: RpcErrorTaxonomy): SendVerdict {
  const message = rpcErrorMessage(error);
  if (message === undefined)
    return { kind: 'ambiguous', message: transportMessage(error), endpointFailed: true };
  const means = taxonomy.classify(message);
  switch (means) {
    case undefined:
      return { kind: 'ambiguous', message, endpointFailed: false, unknown: fingerprintOf(message) };
    case 'known':
      return { kind: 'known' };
    case 'nonce-used':
      return { kind: 'nonce-used', message };
    case 'node-trouble':
      return { kind: 'ambiguous', message, endpointFailed: true };
    default:
      return { kind: 'rejected', reason: means, message };
  }
}

/**
 * The text of the JSON-RPC error that an endpoint gave; undefined for transport errors. Without URLs: gateways quote them,
 * and they may carry keys.
 */
export function rpcErrorMessage(thrown: unknown): string | undefined {
  const error = isRecord(thrown) ? thrown.error : undefined;
  if (!isRecord(error) || !('code' in error) || typeof error.message !== 'string') return undefined;
  return plainText(error.message.slice(0, 1_000).replaceAll(/\b(?:https?|wss?):\/\/\S+/gi, '[url]'), 300);
}

/** A transport error in a few words, without URLs (they may carry keys). */
export function transportMessage(error: unknown): string {
  if (isError(error, 'TIMEOUT')) return 'timeout';
  if (isError(error, 'SERVER_ERROR')) return 'server error';
  const code = isRecord(error) && typeof error.code === 'string' ? error.code : 'unknown error';
  return code.slice(0, 80);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
