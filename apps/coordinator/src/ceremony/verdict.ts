import { type CeremonyEnded, type KeyFacts } from '@quorate/protocol';
import { type Ceremony } from './ceremony';

export type Verdict =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      /** The member's result that ended it, if it was one. */
      readonly by?: CeremonyEnded;
    }
  | { readonly kind: 'key'; readonly facts: KeyFacts }
  | { readonly kind: 'presignatures'; readonly h2: string; readonly noncePoints: readonly string[] }
  | { readonly kind: 'healthy' };

/**
 * What the members' signed results say together. One failure ends a ceremony; success needs the same result of all.
 * Pure. Results of nodes or lives that do not belong to the ceremony count for nothing.
 */
export function verdictOf(ceremony: Ceremony, results: readonly CeremonyEnded[]): Verdict {
  const own = results.filter(
    (result) =>
      result.sessionId === ceremony.sessionId &&
      result.purpose === ceremony.purpose &&
      ceremony.bootIds[result.node] === result.bootId,
  );
  const failed = own.find((result) => result.outcome === 'failed');
  if (failed !== undefined) return { kind: 'failed', reason: failureOf(failed), by: failed };
  const members = ceremony.participants.map((node) => own.find((result) => result.node === node));
  const [first] = members;
  if (first === undefined || members.includes(undefined)) return { kind: 'open' };
  const all = members.filter((result) => result !== undefined);
  switch (ceremony.purpose) {
    case 'dkg':
      return keyVerdict(ceremony, all);
    case 'presign':
      return presignVerdict(ceremony, first, all);
    case 'health':
      return { kind: 'healthy' };
  }
}

function keyVerdict(ceremony: Ceremony, all: readonly CeremonyEnded[]): Verdict {
  const [facts] = all.map((result) => result.key);
  const isSame = new Set(all.map((result) => canonicalKey(result.key))).size === 1;
  if (facts === undefined || !isSame) return { kind: 'failed', reason: 'the members report different keys' };
  if (facts.participants.join() !== ceremony.participants.join()) {
    return { kind: 'failed', reason: 'the members report other participants' };
  }
  return { kind: 'key', facts };
}

function presignVerdict(ceremony: Ceremony, first: CeremonyEnded, all: readonly CeremonyEnded[]): Verdict {
  const { h2, R } = first;
  const isSame = all.every((result) => result.h2 === h2 && result.R?.join() === R?.join());
  if (h2 === undefined || R === undefined || R.length !== ceremony.batch || !isSame) {
    return { kind: 'failed', reason: 'the members report different presignatures' };
  }
  return { kind: 'presignatures', h2, noncePoints: R };
}

function canonicalKey(facts: KeyFacts | undefined): string {
  if (facts === undefined) return '';
  const { keyId, scheme, epoch, threshold, participants, publicKey, chainCode, publicShares } = facts;
  const shares = participants.map((_, i) => publicShares[String(i + 1)]);
  return JSON.stringify([keyId, scheme, epoch, threshold, participants, publicKey, chainCode, shares]);
}

function failureOf({ node, failure }: CeremonyEnded): string {
  if (failure === undefined) return `${node} reports a failure`;
  const accused = failure.accused === undefined ? '' : `, accused: ${failure.accused}`;
  return `${node} reports ${failure.class} (${failure.check}${accused})`;
}
