import { randomUUID } from 'node:crypto';
import { type LogRecord, type MessageLog, recordsOf } from '@quorate/messaging';
import {
  heartbeatSchema,
  keyLookup,
  type NodeHeartbeat,
  topicNames,
  verifyServiceRecord,
} from '@quorate/protocol';
import { identities } from '../../stack/connections';
import { logOf, nodesOf } from '../../stack/stack-facts';
import { type Stack } from '../../stack/stack-file';
import { broken, type Finding, ok, warning } from '../finding';

/** Enough records to hold the last heartbeat of every node. */
const TAIL = 200n;
/** Nodes beat every 2 s. */
const OLDEST_MS = 10_000;

/** The last verified heartbeat of every node. */
export async function readHeartbeats(log: MessageLog, stack: Stack): Promise<Map<string, NodeHeartbeat>> {
  const topic = topicNames(stack.kafka.topicPrefix).heartbeats;
  const ends = await log.highWatermarks(topic);
  const lookup = keyLookup(identities(stack, 'node'));
  const latest = new Map<string, NodeHeartbeat>();
  const take = (record: LogRecord): void => {
    const heartbeat = verifyServiceRecord(record, { typ: 'heartbeat', schema: heartbeatSchema, lookup });
    if (heartbeat.ok && heartbeat.data.node === heartbeat.kid) latest.set(heartbeat.kid, heartbeat.data);
  };
  const subscription = await log.subscribe({
    topic,
    group: `${stack.kafka.groupPrefix}doctor-${randomUUID()}`,
    start: async (partition) => {
      const end = ends.get(partition) ?? 0n;
      return end > TAIL ? end - TAIL : 0n;
    },
    handle: async (batches) => recordsOf(batches).forEach(take),
  });
  await subscription.caughtUp();
  await subscription.stop();
  return latest;
}

/** Each node of the stack by its heartbeat: fresh, ready, with presignatures of the stack's key. */
export function judgeHeartbeats(
  heartbeats: ReadonlyMap<string, NodeHeartbeat>,
  stack: Stack,
  now: Date,
): Finding[] {
  return nodesOf(stack).map((node) => judge(node, heartbeats.get(node), stack, now));
}

function judge(node: string, heartbeat: NodeHeartbeat | undefined, stack: Stack, now: Date): Finding {
  const part = `stock of ${node}`;
  const { key } = stack;
  const log = logOf(stack, node);
  if (heartbeat === undefined) {
    return broken(part, 'no heartbeat', `${log}, and its identity in PEERS_FILE`);
  }
  const age = now.getTime() - Date.parse(heartbeat.at);
  if (age > OLDEST_MS) {
    return broken(part, `last heartbeat ${Math.round(age / 1000)} s ago`, log);
  }
  if (!heartbeat.ready) return broken(part, 'the node is not ready', log);
  const dead = heartbeat.deadPairs.map(({ peer }) => peer);
  if (dead.length > 0) {
    return warning(part, `works no more with ${dead.join(', ')}`, 'create the key anew on other nodes');
  }
  if (key === null || !key.participants.includes(node))
    return ok(part, 'ready, not a node of the key of the stack');
  const stock = heartbeat.stock.filter(({ keyId }) => keyId === key.keyId);
  const unspent = stock.reduce((sum, entry) => sum + entry.unspent, 0);
  const detail = `${unspent} presignatures in ${stock.length} committees`;
  return unspent > 0
    ? ok(part, detail)
    : warning(part, detail, 'wait for the stock to be filled: until then signing takes longer');
}
