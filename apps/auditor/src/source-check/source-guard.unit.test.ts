import { type StoreTransaction } from '@quorate/event-store';
import { type TopicState } from '@quorate/messaging';
import { Invalid } from '@quorate/platform';
import { SourceGuard } from './source-guard';

const TOPIC = 'mpc.events';
const LOG = 0;
const NEXT = 42n;

/** What Kafka says of the topic; each test changes it. */
interface Kafka {
  state: TopicState | undefined;
  start: bigint | undefined;
  end: bigint | undefined;
}

const state = (id: string, epoch: number): TopicState => ({ id, leaderEpochs: new Map([[LOG, epoch]]) });

/** Nothing is written in it: the topic's id is known. */
const tx = {} as StoreTransaction;

describe('the guard of the source of a log', () => {
  let kafka: Kafka;
  let guard: SourceGuard;
  const offsets = (offset: bigint | undefined) => new Map(offset === undefined ? [] : [[LOG, offset]]);
  const look = () => guard.look(new Map([[LOG, NEXT]]));

  beforeEach(async () => {
    kafka = { state: state('first', 3), start: 0n, end: NEXT };
    guard = new SourceGuard({
      topic: TOPIC,
      messages: {
        topicState: async () => {
          if (kafka.state === undefined) throw new Invalid('kafka-version', 'no ids');
          return kafka.state;
        },
        logStarts: async () => offsets(kafka.start),
        highWatermarks: async () => offsets(kafka.end),
      },
      sources: { topicsOf: async () => ['first'], note: () => undefined },
    });
    await guard.begin(LOG);
  });

  it('confirms what was fetched under the same leader', async () => {
    await expect(guard.confirm(tx, LOG)).resolves.toBeUndefined();
  });

  it('has the last entry compared again after another leader was elected, and goes on then', async () => {
    kafka.state = state('first', 4);
    await expect(guard.confirm(tx, LOG)).rejects.toMatchObject({ code: 'inbox-fenced' });
    await guard.begin(LOG);
    await expect(guard.confirm(tx, LOG)).resolves.toBeUndefined();
  });

  it('refuses a topic that was made anew, at each of its looks', async () => {
    kafka.state = state('second', 0);
    for (const check of [() => guard.confirm(tx, LOG), look, () => guard.begin(LOG)])
      await expect(check()).rejects.toMatchObject({ code: 'source-changed' });
  });

  it('forgives an end that is short once, and not twice in a row', async () => {
    kafka.end = NEXT - 1n;
    await look();
    kafka.end = NEXT;
    await look();
    kafka.end = NEXT - 1n;
    await look();
    await expect(look()).rejects.toMatchObject({ code: 'source-changed' });
  });

  it('does not forgive a beginning that was removed before it was read', async () => {
    kafka.start = NEXT;
    await look();
    kafka.start = NEXT + 1n;
    await expect(look()).rejects.toMatchObject({ code: 'source-changed' });
  });

  it('goes by the ends alone where topics have no ids', async () => {
    kafka.state = undefined;
    await guard.confirm(tx, LOG);
    kafka.end = undefined;
    await look();
    await expect(look()).rejects.toMatchObject({ code: 'source-changed' });
  });
});
