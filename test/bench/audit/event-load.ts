/** A topic full of signed events, as an installation writes them that signs and sends. */
import { type LogProducer, type OutgoingRecord } from '@quorate/messaging';
import { topicNames } from '@quorate/protocol';
import { Teller } from '../../../apps/auditor/src/testing/told-stories';

/** Stories that are told between two calls of the producer. */
const AT_ONCE = 250;
/** Every so many stories: one that is refused, one payment, which signs twice; the others are signed requests. */
const REFUSED_EVERY = 50;
const PAYMENT_EVERY = 5;
/** Of `hash`, between two stories: each has hashes of its own. */
const SEEDS_OF_A_STORY = 100;
const BETWEEN_STORIES_MS = 40;

/** What the first `stories` of the load were about. */
export interface WrittenLoad {
  readonly records: number;
  readonly bytes: number;
  readonly requestIds: readonly string[];
  readonly intentIds: readonly string[];
  readonly from: Date;
  readonly to: Date;
}

/** Writes as many events, in the order of their times; each is signed by the service that it names. */
export async function writeEvents(producer: LogProducer, events: number): Promise<WrittenLoad> {
  const { events: topic } = topicNames('');
  const from = Date.now();
  const requestIds: string[] = [];
  const intentIds: string[] = [];
  let [written, bytes, time] = [0, 0, from];
  const waiting = new Teller(topic, time).key().records;
  for (let story = 0; written < events; story += 1) {
    waiting.push(...tell(topic, time, story, { requestIds, intentIds }));
    time += BETWEEN_STORIES_MS;
    if (story % AT_ONCE !== AT_ONCE - 1) continue;
    const records = tellBefore(waiting, time).slice(0, events - written);
    await producer.send(records);
    written += records.length;
    bytes += records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
  }
  return { records: written, bytes, requestIds, intentIds, from: new Date(from), to: new Date(time) };
}

/** Takes what happened before `time` out of what is to be told: stories go on while others begin. */
function tellBefore(waiting: OutgoingRecord[], time: number): OutgoingRecord[] {
  const timeOf = ({ headers }: OutgoingRecord): number => Date.parse(String(headers['ce_time']));
  waiting.sort((a, b) => timeOf(a) - timeOf(b));
  const beyond = waiting.findIndex((record) => timeOf(record) >= time);
  return waiting.splice(0, beyond < 0 ? waiting.length : beyond);
}

function tell(
  topic: string,
  time: number,
  story: number,
  { requestIds, intentIds }: { requestIds: string[]; intentIds: string[] },
): OutgoingRecord[] {
  const teller = new Teller(topic, time);
  const seed = (story + 1) * SEEDS_OF_A_STORY;
  if (story % PAYMENT_EVERY === PAYMENT_EVERY - 1) {
    const intentId = `payout-${story}`;
    intentIds.push(intentId);
    return teller.payment(intentId, seed).records;
  }
  const requestId = `order-${story}`;
  requestIds.push(requestId);
  return teller.signature(requestId, seed, { isRefused: story % REFUSED_EVERY === 0 }).records;
}
