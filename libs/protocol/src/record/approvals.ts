import { verifyDetached } from '../jws';
import { type KeyLookup } from '../key-lookup';
import { APPROVALS_LIMIT, JWS_LENGTH_LIMIT } from '../limits';

/**
 * Who approved `value`: the kids of all valid JWS (typ approval) in an `approvals` header, each once, sorted.
 * What is not valid counts as absent, because anybody can add to a header.
 */
export function verifyApprovals(value: Uint8Array, header: string | undefined, lookup: KeyLookup): string[] {
  if (header === undefined || header.length > APPROVALS_LIMIT * (JWS_LENGTH_LIMIT + 1)) return [];
  const kids = header
    .split(',')
    .slice(0, APPROVALS_LIMIT)
    .map((jws) => verifyDetached(jws.trim(), value, 'approval', lookup))
    .flatMap((verdict) => ('kid' in verdict ? [verdict.kid] : []));
  return [...new Set(kids)].sort();
}
