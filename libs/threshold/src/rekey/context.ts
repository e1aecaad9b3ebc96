/** What stays the same over the rounds of one pair re-key, and the hashes that bind it (specification section 9). */
import { type PairSetup } from '../dealing/pair-setup';
import { InvalidInput } from '../errors';
import { H, type HashInput } from '../hash';
import { type KeyShare } from '../keygen/key-share';
import { OwnedSecrets } from '../owned-secrets';
import { type RandomSource } from '../random';
import { type SessionConfig } from '../session/session';
import { sessionId, sorted } from '../session/session-id';

/** Inputs of one party. `start` has purpose `rekey`, both members of the pair and the new pair counter. */
export interface RekeyConfig extends SessionConfig {
  readonly keyShare: KeyShare;
}

export interface RekeyContext {
  readonly sid: Buffer;
  /** ssid of the key's certificate: that of the dealing which made this epoch. */
  readonly keySsid: Buffer;
  readonly index: number;
  /** The other member. */
  readonly peer: number;
  /** Both, ascending: i < j. */
  readonly pair: readonly [number, number];
  /** pe, the new one. */
  readonly pairCounter: number;
  readonly random: RandomSource;
  readonly secrets: OwnedSecrets;
}

/** Broadcast of round 1. */
export interface Greeting {
  /** nu, 32 B. */
  readonly nonce: Buffer;
  /** xk, 32 B. */
  readonly exchangeKey: Buffer;
}

/** Length of nu. */
export const NONCE_BYTES = 32;

/** @throws InvalidInput when the start is not valid, does not fit the key or does not raise the pair counter */
export function rekeyContext({ start, index, keyShare, random }: RekeyConfig): RekeyContext {
  if (start.purpose !== 'rekey') throw new InvalidInput('purpose of a pair re-key is rekey');
  const sid = sessionId(start);
  const [low, high] = sorted(start.participants).map((participant) => participant.index);
  if (low === undefined || high === undefined) throw new InvalidInput('a pair has two members');
  const peer = index === low ? high : low;
  const current = keyShare.pairs.get(peer);
  const rules: [string, boolean][] = [
    ['key share is of this party', keyShare.index === index],
    ['suite is the key', start.suite === keyShare.suite],
    ['keyId is the key', keyShare.keyId.equals(start.keyId)],
    ['epoch is the key', start.epoch === keyShare.epoch],
    ['t and n are the key', start.threshold === keyShare.threshold && start.parties === keyShare.parties],
    [
      'members are parties of the key',
      start.participants.every((p) => keyShare.identities.get(p.index)?.equals(p.identityKey) === true),
    ],
    ['the pair counter grows', current !== undefined && start.pairCounter > current.pairCounter],
  ];
  for (const [rule, holds] of rules) if (!holds) throw new InvalidInput(`rekey start: ${rule}`);
  return {
    sid,
    keySsid: keyShare.certificate.ssid,
    index,
    peer,
    pair: [low, high],
    pairCounter: start.pairCounter,
    random,
    secrets: new OwnedSecrets(),
  };
}

/** rsid = H("rk/ssid", sid, ssid, i, j, pe, nu_i, xk_i, nu_j, xk_j) with i < j, 32 B: what replaces ssid. */
export function rekeySsid(context: RekeyContext, greetings: ReadonlyMap<number, Greeting>): Buffer {
  const { sid, keySsid, pair, pairCounter } = context;
  const chosen = pair.flatMap((party): HashInput[] => {
    const greeting = greetings.get(party);
    return greeting ? [greeting.nonce, greeting.exchangeKey] : [];
  });
  return H('rk/ssid', sid, keySsid, ...pair, pairCounter, ...chosen);
}

/** The base OTs and the zero seed of this pair alone, under rsid. */
export function rekeySetup(context: RekeyContext, rsid: Buffer): PairSetup {
  const { index, peer, pairCounter, random, secrets } = context;
  return { name: 'rekey', ssid: rsid, index, peers: [peer], pairCounter, random, secrets };
}

/** The direct messages that a member sent. */
export interface Transcript {
  /** Base OT message 1. */
  readonly choice: Uint8Array;
  /** Base OT message 2 || contribution to the zero seed. */
  readonly answer: Uint8Array;
}

/**
 * H("rk/final", rsid, (i, both direct messages of i) for both members), 32 B. The messages are those that were encrypted
 * into the frames; rsid covers round 1, and is what the members broadcast in rounds 2 and 3.
 */
export function rekeyDigest(
  { pair }: RekeyContext,
  rsid: Buffer,
  sent: ReadonlyMap<number, Transcript>,
): Buffer {
  const messages = pair.flatMap((party): HashInput[] => {
    const transcript = sent.get(party);
    return transcript ? [party, transcript.choice, transcript.answer] : [];
  });
  return H('rk/final', rsid, ...messages);
}
