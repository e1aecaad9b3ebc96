import { topicNames } from '@quorate/protocol';
import { messageLogOf } from '../../stack/connections';
import { type Stack } from '../../stack/stack-file';
import { broken, type Finding, finding, ok, within } from '../finding';
import { judgeHeartbeats, readHeartbeats } from './heartbeats';

const REMEDY = 'start the stack (npm start), or check KAFKA_BROKERS of your own Kafka';

/** Kafka answers and holds the pipeline's topics; the heartbeats on it tell of the nodes. */
export async function checkKafka(stack: Stack): Promise<Finding[]> {
  const log = messageLogOf(stack);
  try {
    const broker = await finding('kafka', REMEDY, async () => {
      const { events } = topicNames(stack.kafka.topicPrefix);
      const ends = await within(8, log.highWatermarks(events));
      const count = [...ends.values()].reduce((sum, end) => sum + end, 0n);
      return ok('kafka', `${stack.kafka.brokers.join(', ')}, ${count} events`);
    });
    if (broker.some(({ state }) => state === 'broken')) return broker;
    const nodes = await finding('stock', REMEDY, async () =>
      judgeHeartbeats(await within(15, readHeartbeats(log, stack)), stack, new Date()),
    );
    return [...broker, ...nodes];
  } catch (error) {
    return [broken('kafka', error instanceof Error ? error.message : String(error), REMEDY)];
  } finally {
    await log.close().catch(() => undefined);
  }
}
