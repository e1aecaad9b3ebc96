/**
 * What two parties share besides the key: base OTs in both directions (specification section 4) and the seed of their zero
 * shares (section 3, rounds 2 and 3). Key generation and reshare run it with every peer, a pair re-key with one, each under
 * its own ssid and inside encryption.
 */
import {
  answerBaseOt,
  BASE_OT_MESSAGE_BYTES,
  type BaseOtChoice,
  baseOtSid,
  chooseBaseOt,
  finishBaseOt,
} from '../multiplication/base-ot';
import { ProtocolFailure } from '../errors';
import { type PairState } from '../keygen/key-share';
import { type OwnedSecrets } from '../owned-secrets';
import { zeroSeed } from '../presign/zero-share';
import { type RandomSource } from '../random';
import { entryOf, mapParties } from './party-map';

/** Pair counter of a pair that was never re-keyed. */
export const FIRST_PAIR_COUNTER = 0;

const CONTRIBUTION_BYTES = 32;

/** Lengths of the direct messages of rounds 2 and 3. */
export const PAIR_MESSAGE_BYTES = {
  choice: BASE_OT_MESSAGE_BYTES,
  answer: BASE_OT_MESSAGE_BYTES + CONTRIBUTION_BYTES,
} as const;

/** One party's part of the set-up with its peers. */
export interface PairSetup {
  /** First part of the names of checks. */
  readonly name: string;
  /** Separates this set-up from all others. */
  readonly ssid: Buffer;
  readonly index: number;
  readonly peers: readonly number[];
  readonly pairCounter: number;
  readonly random: RandomSource;
  readonly secrets: OwnedSecrets;
}

/** Base OT choices of the instances (i->j) by peer j; `message` goes to the peer. */
export type PairChoices = ReadonlyMap<number, BaseOtChoice>;

/** By peer j, of the instances (j->i): secret seeds, and the own contribution to the zero seed. */
export type PairAnswers = ReadonlyMap<
  number,
  {
    readonly seeds0: Buffer;
    readonly seeds1: Buffer;
    readonly contribution: Buffer;
    /** Base OT message 2 || contribution. */
    readonly message: Buffer;
  }
>;

/** Round 2: base OT message 1 to each peer. */
export function choosePairs({ ssid, index, peers, pairCounter, random, secrets }: PairSetup): PairChoices {
  return mapParties(peers, (peer) => {
    const choice = chooseBaseOt(baseOtSid(ssid, index, peer, pairCounter), random);
    secrets.own(choice.nabla);
    secrets.own(choice.secrets);
    return choice;
  });
}

/**
 * Round 3: base OT message 2 and a contribution to the zero seed, to each peer.
 *
 * @param received what choosePairs of a peer sent
 * @throws ProtocolFailure IDENT-P `r2.base-ot`
 */
export function answerPairs(setup: PairSetup, received: (peer: number) => Buffer): PairAnswers {
  const { ssid, index, peers, pairCounter, random, secrets } = setup;
  const answers = mapParties(peers, (peer) => {
    const answer = answerBaseOt(baseOtSid(ssid, peer, index, pairCounter), received(peer), random);
    if (!answer) throw new ProtocolFailure('IDENT-P', `${setup.name}.r2.base-ot`, peer);
    secrets.own(answer.seeds0);
    secrets.own(answer.seeds1);
    return answer;
  });
  return mapParties(peers, (peer) => {
    const { message, ...seeds } = entryOf(answers, peer);
    const contribution = secrets.own(random(CONTRIBUTION_BYTES));
    return { ...seeds, contribution, message: secrets.own(Buffer.concat([message, contribution])) };
  });
}

/**
 * The state of each pair, owned by the caller.
 *
 * @param received what answerPairs of a peer sent
 * @throws ProtocolFailure IDENT-P `r3.base-ot`
 */
export function finishPairs(
  setup: PairSetup,
  choices: PairChoices,
  answers: PairAnswers,
  received: (peer: number) => Buffer,
): Map<number, PairState> {
  const { ssid, index, peers, pairCounter, secrets } = setup;
  const finished = mapParties(peers, (peer) => {
    const message = secrets.own(received(peer));
    const sid = baseOtSid(ssid, index, peer, pairCounter);
    const seeds = finishBaseOt(sid, entryOf(choices, peer), message.subarray(0, BASE_OT_MESSAGE_BYTES));
    if (!seeds) throw new ProtocolFailure('IDENT-P', `${setup.name}.r3.base-ot`, peer);
    return { seeds: secrets.own(seeds), contribution: message.subarray(BASE_OT_MESSAGE_BYTES) };
  });
  return mapParties(peers, (peer) => {
    const { seeds, contribution } = entryOf(finished, peer);
    const { nabla } = entryOf(choices, peer);
    const { seeds0, seeds1, contribution: own } = entryOf(answers, peer);
    return {
      pairCounter,
      asSender: { nabla: secrets.release(nabla), seeds: secrets.release(seeds) },
      asReceiver: { seeds0: secrets.release(seeds0), seeds1: secrets.release(seeds1) },
      zeroSeed: zeroSeed(ssid, { index, contribution: own }, { index: peer, contribution }),
    };
  });
}
