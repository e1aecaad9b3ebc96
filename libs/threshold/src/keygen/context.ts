/** What stays the same over the rounds of one key generation. */
import { InvalidInput, ProtocolFailure } from '../errors';
import { type EcdsaSuiteId, isEcdsaSuite } from '../suite';
import { type RandomSource } from '../random';
import { type SessionConfig } from '../session/session';
import { sessionId, sorted } from '../session/session-id';
import { type SessionStart } from '../session/session-start';
import { OwnedSecrets } from '../owned-secrets';

export interface KeygenContext {
  readonly start: SessionStart;
  readonly suite: EcdsaSuiteId;
  readonly sid: Buffer;
  /** Index of this party. */
  readonly index: number;
  /** All party indices, ascending. */
  readonly parties: readonly number[];
  /** All but this party, ascending. */
  readonly peers: readonly number[];
  readonly random: RandomSource;
  readonly secrets: OwnedSecrets;
}

/** @throws InvalidInput for an invalid start */
export function keygenContext({ start, index, random }: SessionConfig): KeygenContext {
  const sid = sessionId(start);
  const { suite } = start;
  if (!isEcdsaSuite(suite)) throw new InvalidInput('the suite is not one of ECDSA');
  const parties = sorted(start.participants).map((participant) => participant.index);
  const peers = parties.filter((party) => party !== index);
  return { start, suite, sid, index, parties, peers, random, secrets: new OwnedSecrets() };
}

/** The value that `lookup` has for each party, in ascending order. */
export function mapParties<T>(parties: readonly number[], lookup: (party: number) => T): Map<number, T> {
  return new Map(parties.map((party) => [party, lookup(party)]));
}

/** The entry of a map that has one for every party. */
export function entryOf<T>(map: ReadonlyMap<number, T>, party: number): T {
  const entry = map.get(party);
  if (entry === undefined) throw new RangeError(`no entry for party ${party}`);
  return entry;
}

/**
 * @throws ProtocolFailure IDENT: signed broadcasts convict the party
 */
export function convictUnless(condition: boolean, check: string, party: number): asserts condition {
  if (!condition) throw new ProtocolFailure('IDENT', check, party);
}
