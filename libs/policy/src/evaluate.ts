import { type ClientEntry } from './policy-file';

/** What a policy decides on: facts that this node computed itself from the client's signed bytes. */
export interface PolicySubject {
  readonly keyId: string;
  /** `m` for the root key. */
  readonly path: string;
  readonly payloadKind: string;
  /** Decimal chain id, where the payload names a chain. */
  readonly chainId?: string;
}

export type PolicyDecision =
  { readonly allowed: true } | { readonly allowed: false; readonly rule: string; readonly reason: string };

const ALLOWED: PolicyDecision = { allowed: true };

/** Decides by the requester's entry of the node's policy; the first broken rule is named. Pure. */
export function evaluatePolicy(entry: ClientEntry, subject: PolicySubject): PolicyDecision {
  if (!entry.keys.includes('*') && !entry.keys.includes(subject.keyId)) {
    return refuse('key', `${entry.kid} may not use key ${subject.keyId}`);
  }
  if (!entry.paths.some((pattern) => matchesPath(pattern, subject.path))) {
    return refuse('path', `${entry.kid} may not use path ${subject.path}`);
  }
  if (subject.payloadKind === 'digest' && !entry.rawDigests) {
    return refuse('raw-digest', `${entry.kid} may not have raw digests signed: sign the content instead`);
  }
  if (!entry.payloadKinds.some((kind) => kind === subject.payloadKind)) {
    return refuse('payload-kind', `${entry.kid} may not have payloads of kind ${subject.payloadKind} signed`);
  }
  if (
    subject.chainId !== undefined &&
    !entry.chains.includes('*') &&
    !entry.chains.includes(subject.chainId)
  ) {
    return refuse('chain', `${entry.kid} may not sign for chain ${subject.chainId}`);
  }
  return ALLOWED;
}

/** `*`, an exact path, or a prefix such as `m/44/60/*`, which means anything below. */
export function matchesPath(pattern: string, path: string): boolean {
  if (pattern === '*') return true;
  if (pattern.endsWith('/*')) return path.startsWith(pattern.slice(0, -1));
  return pattern === path;
}

function refuse(rule: string, reason: string): PolicyDecision {
  return { allowed: false, rule, reason };
}
