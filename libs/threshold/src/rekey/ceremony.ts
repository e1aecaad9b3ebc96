/** The rounds of a pair re-key (specification section 9). Rounds 2 and 3 are those of key generation, for one pair. */
import {
  answerPairs,
  choosePairs,
  finishPairs,
  type PairAnswers,
  type PairChoices,
  PAIR_MESSAGE_BYTES,
  type PairSetup,
} from '../dealing/pair-setup';
import { entryOf, mapParties } from '../dealing/party-map';
import {
  CONFIRMATION_ROUND,
  encodeAbort,
  encodeConfirmation,
  isDisagreement,
  kindOfResult,
  resultBytes,
} from '../dealing/result';
import { ProtocolFailure } from '../errors';
import { secp256k1Group } from '../group/secp256k1-group';
import { type PairState } from '../keygen/key-share';
import { type Frame } from '../session/frame';
import { type RoundExpectation } from '../session/mailbox';
import { EXCHANGE_KEY_BYTES } from '../session/p2p-encryption';
import { type Advance, type Ceremony, type RoundMessages, type RoundPayloads } from '../session/session';
import { NONCE_BYTES, rekeyDigest, rekeySetup, rekeySsid, type RekeyContext } from './context';

const DIGEST_BYTES = 32;

/** What each member sends. */
const REKEY_ROUNDS: readonly RoundExpectation[] = [
  { broadcast: NONCE_BYTES + EXCHANGE_KEY_BYTES, encrypted: false },
  { broadcast: DIGEST_BYTES, p2p: PAIR_MESSAGE_BYTES.choice, encrypted: true },
  { broadcast: DIGEST_BYTES, p2p: PAIR_MESSAGE_BYTES.answer, encrypted: true },
  { broadcast: resultBytes(secp256k1Group), encrypted: false },
];

interface Chosen {
  readonly round: 2;
  readonly setup: PairSetup;
  readonly choices: PairChoices;
}

interface Answered extends Omit<Chosen, 'round'> {
  readonly round: 3;
  /** Base OT message 1 of the peer. */
  readonly received: Buffer;
  readonly answers: PairAnswers;
}

interface Confirming {
  readonly round: 4;
  readonly confirmation: Buffer;
  readonly pending: PairState;
}

type Phase = { readonly round: 1 } | Chosen | Answered | Confirming;

export class RekeyCeremony implements Ceremony<PairState, PairState> {
  readonly rounds = REKEY_ROUNDS;
  private phase: Phase = { round: 1 };

  constructor(private readonly context: RekeyContext) {}

  begin(exchangeKey: Buffer): RoundPayloads {
    return { broadcast: Buffer.concat([this.context.random(NONCE_BYTES), exchangeKey]) };
  }

  advance(_round: number, messages: RoundMessages): Advance<PairState, PairState> {
    if (this.phase.round === 4) return this.agree(this.phase, messages);
    try {
      return this.nextRound(messages);
    } catch (error) {
      if (!(error instanceof ProtocolFailure)) throw error;
      // the slot of round 4 is free: the peer need not wait for a confirmation that will not come
      const payload = encodeAbort(error.failureClass, error.accused);
      return { kind: 'failure', failure: error, announcement: { round: CONFIRMATION_ROUND, payload } };
    }
  }

  /** Ends at once when the peer aborts. */
  interrupt(_currentRound: number, { round, payload, from }: Frame): void {
    if (round !== CONFIRMATION_ROUND) return;
    const kind = kindOfResult(secp256k1Group, payload);
    if (kind === 'confirmation') return;
    if (kind !== 'abort') throw new ProtocolFailure('IDENT', 'rekey.r4.form', from);
    throw new ProtocolFailure(isDisagreement(payload) ? 'AGREE' : 'UNATTRIBUTED', 'rekey.r4.abort');
  }

  wipe(): void {
    this.context.secrets.wipe();
    this.phase = { round: 1 };
  }

  private nextRound(messages: RoundMessages): Advance<PairState, PairState> {
    switch (this.phase.round) {
      case 1:
        return this.choose(messages);
      case 2:
        return this.answer(this.phase, messages);
      case 3:
        return this.confirm(this.phase, messages);
      default:
        throw new RangeError('the re-key is not in a round');
    }
  }

  /** Round 2: rsid, and base OT message 1. */
  private choose(messages: RoundMessages): Advance<PairState, PairState> {
    const { context } = this;
    const greetings = mapParties(context.pair, (party) => {
      const payload = messages.broadcast(party);
      return { nonce: payload.subarray(0, NONCE_BYTES), exchangeKey: payload.subarray(NONCE_BYTES) };
    });
    const setup = rekeySetup(context, rekeySsid(context, greetings));
    const choices = choosePairs(setup);
    this.phase = { round: 2, setup, choices };
    return this.send(setup, entryOf(choices, context.peer).message);
  }

  /** Round 3: rsid, base OT message 2 and the contribution to the zero seed. */
  private answer({ setup, choices }: Chosen, messages: RoundMessages): Advance<PairState, PairState> {
    const { peer } = this.context;
    this.checkEcho(setup, messages, 'rekey.r2.rsid');
    const received = messages.direct(peer);
    const answers = answerPairs(setup, () => received);
    this.phase = { round: 3, setup, choices, received, answers };
    return this.send(setup, entryOf(answers, peer).message);
  }

  /** Round 4: the confirmation, once the state is pending. */
  private confirm(answered: Answered, messages: RoundMessages): Advance<PairState, PairState> {
    const { index, peer } = this.context;
    const { setup, choices, answers, received } = answered;
    this.checkEcho(setup, messages, 'rekey.r3.rsid');
    const answer = messages.direct(peer);
    const sent = new Map([
      [index, { choice: entryOf(choices, peer).message, answer: entryOf(answers, peer).message }],
      [peer, { choice: received, answer }],
    ]);
    const confirmation = encodeConfirmation(rekeyDigest(this.context, setup.ssid, sent));
    const pending = entryOf(
      finishPairs(setup, choices, answers, () => answer),
      peer,
    );
    this.phase = { round: 4, confirmation, pending };
    return { kind: 'send', payloads: { broadcast: confirmation }, pending };
  }

  private agree({ confirmation, pending }: Confirming, messages: RoundMessages): Advance<PairState> {
    if (!messages.broadcast(this.context.peer).equals(confirmation)) {
      throw new ProtocolFailure('AGREE', 'rekey.r4.confirmation');
    }
    return { kind: 'result', value: pending };
  }

  private checkEcho({ ssid }: PairSetup, messages: RoundMessages, check: string): void {
    if (!messages.broadcast(this.context.peer).equals(ssid)) throw new ProtocolFailure('AGREE', check);
  }

  private send({ ssid }: PairSetup, direct: Uint8Array): Advance<PairState> {
    const p2p = new Map([[this.context.peer, direct]]);
    return { kind: 'send', payloads: { broadcast: ssid, p2p } };
  }
}
