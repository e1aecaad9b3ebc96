import { type ForgedRecord } from '../byzantine/forged-record';
import { drawTrigger, type FaultKind, type FaultSurroundings } from './fault';

const MOST_RECORDS = 40;

/** Real records of all topics, byte for byte once more, in any order: duplicates, reordering and replay in one. */
export const replay: FaultKind = (random) => ({
  kind: 'replay',
  description: 'records published again, in another order',
  at: drawTrigger(random),
  inflict: async (surroundings) => {
    await surroundings.publish(surroundings.random.sample(copies(surroundings), MOST_RECORDS));
  },
});

/** Real records with one bit changed in value, signature or key: what a broker that lies would hand out. */
export const tamper: FaultKind = (random) => ({
  kind: 'tamper',
  description: 'records published with one bit changed',
  at: drawTrigger(random),
  inflict: async (surroundings) => {
    const chosen = surroundings.random.sample(copies(surroundings), MOST_RECORDS / 4);
    await surroundings.publish(chosen.map((record) => tampered(record, surroundings)));
  },
});

/** Real records on a topic where they do not belong. */
export const misroute: FaultKind = (random) => ({
  kind: 'misroute',
  description: 'records published on other topics',
  at: drawTrigger(random),
  inflict: async (surroundings) => {
    const chosen = surroundings.random.sample(copies(surroundings), MOST_RECORDS / 4);
    const topics = [
      'mpc.requests',
      'mpc.partials',
      'mpc.finals',
      'tx.intents',
      'mpc.events',
      'mpc.heartbeats',
    ];
    await surroundings.publish(
      chosen.map((record) => ({
        ...record,
        topic: surroundings.random.pick(topics.filter((topic) => topic !== record.topic)),
      })),
    );
  },
});

function copies({ records }: FaultSurroundings): ForgedRecord[] {
  return records
    .filter(({ topic }) => topic !== 'dead-letters')
    .map(({ topic, key, value, headers }) => ({ topic, key, value, headers }));
}

function tampered(record: ForgedRecord, { random }: FaultSurroundings): ForgedRecord {
  const flip = (bytes: Buffer | null | undefined): Buffer | null => {
    if (!bytes || bytes.length === 0) return null;
    const changed = Buffer.from(bytes);
    const at = random.below(changed.length);
    changed.writeUInt8(changed.readUInt8(at) ^ (1 << random.below(8)), at);
    return changed;
  };
  switch (random.below(3)) {
    case 0:
      return {
        ...record,
        headers: { ...record.headers, jws: flip(record.headers['jws']) ?? Buffer.from('x') },
      };
    case 1:
      return { ...record, key: flip(record.key) };
    default:
      return { ...record, value: flip(record.value) };
  }
}
