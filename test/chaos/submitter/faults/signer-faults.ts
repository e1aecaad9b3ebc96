/** I: signers that are late, repeat themselves, lie, refuse, or are away; and strangers who read what they answer. */
import { setTimeout as delay } from 'node:timers/promises';
import { lies, type StubAnswer } from '../../../../apps/tx-submitter/src/testing/stub-signer';
import { type Random } from '../../random';
import { type Arena, type Fault, type FaultKind } from './fault';

/** Refusals after which the submitter asks again. */
const temporary = ['expired', 'failed', 'no-quorum', 'halted', 'overloaded'];

/** A time in which the signers answer some requests, once in so many, otherwise. */
function answering(
  random: Random,
  spreadMs: number,
  words: string,
  oneIn: number,
  draw: (dice: Random) => StubAnswer,
  before: (arena: Arena) => void = () => undefined,
): Omit<Fault, 'kind'> {
  const milliseconds = random.between(500, 3000);
  return {
    description: `the signers ${words}, 1 in ${oneIn}, for ${milliseconds} ms`,
    at: random.below(spreadMs),
    async inflict(arena) {
      before(arena);
      const { signer } = arena.bench;
      signer.answer = () => (arena.random.oneIn(oneIn) ? draw(arena.random) : 'sign');
      await delay(milliseconds);
      signer.answer = () => 'sign';
      await signer.release();
    },
  };
}

export const signerFaults: readonly FaultKind[] = [
  {
    ...{ name: 'late-signatures', group: 'I' },
    draw: (random, spreadMs) => [
      answering(
        random,
        spreadMs,
        'keep signatures back, and give the newest first',
        random.between(1, 3),
        () => 'hold',
      ),
    ],
  },
  {
    ...{ name: 'late-after-cancel', group: 'I' },
    draw: (random, spreadMs) => [
      {
        ...{
          description: 'a fifth of the intents is cancelled, and signed after that',
          at: random.below(spreadMs),
        },
        async inflict({ bench, client, intents, random: dice }) {
          bench.signer.answer = () => (dice.oneIn(2) ? 'hold' : 'sign');
          await delay(500);
          const some = dice.sample(intents, Math.ceil(intents.length / 5));
          await Promise.all(some.map((intent) => client.cancel(intent)));
          await delay(dice.between(0, 1500));
          await bench.signer.release();
        },
      },
    ],
  },
  {
    ...{ name: 'repeated-signatures', group: 'I' },
    draw: (random, spreadMs) => [
      {
        ...{ description: 'the signers say everything three times', at: random.below(spreadMs) },
        async inflict({ bench }) {
          bench.signer.copies = 3;
          await delay(2000);
          bench.signer.copies = 1;
        },
      },
    ],
  },
  {
    ...{ name: 'lying-signers', group: 'I' },
    draw: (random, spreadMs) => [
      answering(random, spreadMs, 'lie, and then sign', random.between(1, 3), (dice) => ({
        signAfter: dice.pick(lies),
      })),
    ],
  },
  {
    ...{ name: 'leaked-rungs', group: 'I' },
    draw: (random, spreadMs) =>
      Array.from({ length: random.between(1, 4) }, () => ({
        ...{
          description: 'somebody sends transactions that are signed in advance',
          at: random.below(spreadMs),
        },
        async inflict({ bench, lanes, foreign, note }) {
          const rows = await bench.database.query<{ raw: string }>(
            `SELECT raw FROM intent JOIN attempt USING (stream_id)
             WHERE address = ANY($1) AND is_held AND raw IS NOT NULL AND in_flight ORDER BY nonce, n DESC LIMIT 20`,
            [lanes.map(({ address }) => address)],
          );
          for (const { raw } of rows) foreign.leaked.add(raw);
          // Some are for nonces that are used meanwhile.
          const sent = await Promise.allSettled(
            rows.map(({ raw }) => bench.chain.call('eth_sendRawTransaction', raw)),
          );
          note(`${sent.filter(({ status }) => status === 'fulfilled').length} rungs were sent by somebody`);
        },
      })),
  },
  {
    ...{ name: 'lies-alone', group: 'I', isSlow: true },
    draw: (random, spreadMs) => [
      answering(random, spreadMs, 'lie', random.between(2, 6), (dice) => dice.pick(lies)),
    ],
  },
  {
    ...{ name: 'tired-signers', group: 'I' },
    draw: (random, spreadMs) => [
      answering(random, spreadMs, 'give up for now', random.between(1, 3), (dice) => ({
        ...{ reject: dice.pick(temporary), mayBeSigned: dice.oneIn(2) },
      })),
    ],
  },
  {
    ...{ name: 'refusing-signers', group: 'I' },
    draw: (random, spreadMs) => [
      answering(
        random,
        spreadMs,
        'refuse by policy',
        random.between(3, 10),
        (dice) =>
          dice.oneIn(2) ? { reject: 'policy' } : { reject: 'policy', mayBeSigned: true, rule: 'nonce-bound' },
        ({ failures }) => failures.add('policy'),
      ),
    ],
  },
];
