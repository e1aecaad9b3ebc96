import { type KeyShare, type PairState } from '../../keygen/key-share';
import { type RandomSource } from '../../random';
import { createSession, type Ceremony, type RoundPayloads, type Session } from '../../session/session';
import { type RekeyStart } from '../../session/session-start';
import { seededRandom } from '../../testing/seeded-random';
import { identityOf } from '../../testing/trusted-dealer';
import { RekeyCeremony } from '../ceremony';
import { rekeyContext } from '../context';
import { createRekeySession } from '../rekey';

export function rekeyStart(key: KeyShare, pair: readonly number[], pairCounter = 1, rnd = 7): RekeyStart {
  return {
    suite: key.suite,
    purpose: 'rekey',
    keyId: key.keyId,
    epoch: key.epoch,
    threshold: key.threshold,
    parties: key.parties,
    participants: pair.map((index) => ({
      index,
      identityKey: identityOf(index).identityKey,
      bootId: Buffer.alloc(16, index),
    })),
    pairCounter,
    notAfter: 2_000_000_000,
    rnd: Buffer.alloc(32, rnd),
  };
}

/** What a dishonest party sends instead of the honest payloads of a round. */
export type Lie = (round: number, payloads: RoundPayloads) => RoundPayloads;

export interface RekeyOptions {
  readonly pairCounter?: number;
  readonly rnd?: number;
  readonly seed?: string;
  /** By party. */
  readonly random?: ReadonlyMap<number, RandomSource>;
  /** What party 2 sends instead; the session signs and encrypts it. */
  readonly lie?: Lie;
}

/** Both sessions of a re-key of the pair. */
export function rekeySessions(
  shares: ReadonlyMap<number, KeyShare>,
  pair: readonly [number, number],
  { pairCounter = 1, rnd = 7, seed = 'rekey', random, lie }: RekeyOptions = {},
): Map<number, Session<PairState, PairState>> {
  return new Map(
    pair.map((index) => {
      const keyShare = shares.get(index);
      if (!keyShare) throw new RangeError(`no share of party ${index}`);
      const config = {
        start: rekeyStart(keyShare, pair, pairCounter, rnd),
        index,
        keyShare,
        sign: identityOf(index).sign,
        random: random?.get(index) ?? seededRandom(`${seed}/${index}`),
      };
      if (index !== 2 || !lie) return [index, createRekeySession(config)];
      return [index, createSession(config, lying(new RekeyCeremony(rekeyContext(config)), lie))];
    }),
  );
}

function lying<R, P>(ceremony: Ceremony<R, P>, lie: Lie): Ceremony<R, P> {
  return {
    rounds: ceremony.rounds,
    begin: (exchangeKey) => lie(1, ceremony.begin(exchangeKey)),
    advance: (round, messages) => {
      const advance = ceremony.advance(round, messages);
      return advance.kind === 'send' ? { ...advance, payloads: lie(round + 1, advance.payloads) } : advance;
    },
    interrupt: (round, broadcast) => ceremony.interrupt?.(round, broadcast),
    wipe: () => ceremony.wipe(),
  };
}
