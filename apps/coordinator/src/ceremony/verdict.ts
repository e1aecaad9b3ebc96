import { type CeremonyEnded, fromHex, type KeyFacts, toHex } from '@quorate/protocol';
import { nonceIdOf } from '@quorate/threshold';
import { joinCommitments } from '../combine/nonce-commitments';
import { type PresignMaterial } from '../ports/presign-batches.port';
import { type Ceremony } from './ceremony';

export type Verdict =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      /** The member's result that ended it, if it was one. */
      readonly by?: CeremonyEnded;
    }
  | {
      readonly kind: 'key';
      /** As each member shows it: the same but for the certificates, which are not verified. */
      readonly shown: readonly KeyFacts[];
    }
  | {
      readonly kind: 'presignatures';
      readonly material: PresignMaterial;
      readonly h2: string;
      /** As in `PresignBatch`. */
      readonly noncePoints: readonly string[];
    }
  | { readonly kind: 'healthy' }
  | { readonly kind: 'rekeyed' };
/** Of a ceremony that has ended. */
export type EndedVerdict = Exclude<Verdict, { kind: 'open' }>;

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
    case 'reshare':
      return reshareVerdict(ceremony, all);
    case 'rekey':
      return { kind: 'rekeyed' };
  }
}

function keyVerdict(ceremony: Ceremony, all: readonly CeremonyEnded[]): Verdict {
  const shown = sameFacts(all);
  const [facts] = shown;
  if (facts === undefined) return { kind: 'failed', reason: 'the members report different keys' };
  if (facts.participants.join() !== ceremony.participants.join()) {
    return { kind: 'failed', reason: 'the members report other participants' };
  }
  return { kind: 'key', shown };
}

/** The members of O and N, also those that leave, report the new epoch that was ordered. */
function reshareVerdict({ quorum, keyId, epoch }: Ceremony, all: readonly CeremonyEnded[]): Verdict {
  const shown = sameFacts(all);
  const [facts] = shown;
  if (facts === undefined) return { kind: 'failed', reason: 'the members report different shares' };
  const isOrdered =
    facts.keyId === keyId &&
    facts.epoch === epoch &&
    facts.threshold === quorum?.threshold &&
    facts.participants.join() === quorum.participants.join();
  return isOrdered
    ? { kind: 'key', shown }
    : { kind: 'failed', reason: 'the members report another epoch or quorum than was ordered' };
}

/** What the members report of a key; empty when it is not the same. */
function sameFacts(all: readonly CeremonyEnded[]): KeyFacts[] {
  const isSame = new Set(all.map(({ key }) => canonicalKey(key))).size === 1;
  return isSame ? all.flatMap(({ key }) => key ?? []) : [];
}

function presignVerdict(ceremony: Ceremony, first: CeremonyEnded, all: readonly CeremonyEnded[]): Verdict {
  const { h2 } = first;
  const material = first.nonces === undefined ? 'presignatures' : 'nonces';
  const noncePoints = noncePointsOf(ceremony, first);
  const isSame = all.every(
    (result) => result.h2 === h2 && noncePointsOf(ceremony, result)?.join() === noncePoints?.join(),
  );
  if (h2 === undefined || noncePoints?.length !== ceremony.batch || !isSame) {
    return { kind: 'failed', reason: 'the members report different presignatures' };
  }
  return { kind: 'presignatures', material, h2, noncePoints };
}

/** What one member reports; undefined when its nonces are not those of this ceremony and committee. */
function noncePointsOf(ceremony: Ceremony, { h2, R, nonces }: CeremonyEnded): readonly string[] | undefined {
  if (nonces === undefined) return R;
  if (h2 === undefined || R !== undefined) return undefined;
  const [session, digest] = [fromHex(ceremony.sessionId), fromHex(h2)];
  const isOwn = nonces.every(
    ({ nonceId, commitments }, p) =>
      nonceId === toHex(nonceIdOf(session, digest, p)) &&
      Object.keys(commitments).length === ceremony.participants.length,
  );
  return isOwn ? nonces.map(({ commitments }) => joinCommitments(commitments)) : undefined;
}

function canonicalKey(facts: KeyFacts | undefined): string {
  if (facts === undefined) return '';
  const { keyId, scheme, epoch, threshold, participants, publicKey, chainCode, publicShares } = facts;
  const shares = Object.entries(publicShares).sort(([a], [b]) => Number(a) - Number(b));
  return JSON.stringify([keyId, scheme, epoch, threshold, participants, publicKey, chainCode, shares]);
}

function failureOf({ node, failure }: CeremonyEnded): string {
  if (failure === undefined) return `${node} reports a failure`;
  const accused = failure.accused === undefined ? '' : `, accused: ${failure.accused}`;
  return `${node} reports ${failure.class} (${failure.check}${accused})`;
}
