import { verifyDetached } from '../jws';
import { type KeyLookup } from '../key-lookup';
import { APPROVALS_LIMIT, JWS_LENGTH_LIMIT } from '../limits';
import { detachedJwsSchema } from '../schemas/signed-bytes';

/**
 * The JWS in an `approvals` header, each once, at most 16, unverified. What is none is left out, because anybody can add to
 * a header.
 */
export function approvalsIn(header: string | undefined): string[] {
  if (header === undefined || header.length > APPROVALS_LIMIT * (JWS_LENGTH_LIMIT + 1)) return [];
  const parts = header.split(',').map((part) => part.trim());
  return [...new Set(parts)]
    .filter((part) => detachedJwsSchema.safeParse(part).success)
    .slice(0, APPROVALS_LIMIT);
}

/**
 * Who approved `value`: the kids of all valid JWS (typ approval), each once, sorted.
 *
 * @param approvals an `approvals` header, or the JWS in it
 */
export function verifyApprovals(
  value: Uint8Array,
  approvals: string | readonly string[] | undefined,
  lookup: KeyLookup,
): string[] {
  const given = typeof approvals === 'object' ? approvals.slice(0, APPROVALS_LIMIT) : approvalsIn(approvals);
  const kids = given
    .map((jws) => verifyDetached(jws, value, 'approval', lookup))
    .flatMap((verdict) => ('kid' in verdict ? [verdict.kid] : []));
  return [...new Set(kids)].sort();
}
