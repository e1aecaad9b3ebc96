/** How long proofs take, and how large they are. Each is checked. */
import { silentLogger } from '@quorate/messaging';
import { leafHash, openCheckpoint, verifyConsistency, verifyInclusion } from '@quorate/transparency-log';
import { PostgresAuditLog } from '../../../apps/auditor/src/adapters/audit-log.postgres';
import { openAuditorStore } from '../../../apps/auditor/src/adapters/auditor-store';
import { PostgresCheckpoints } from '../../../apps/auditor/src/adapters/checkpoints.postgres';
import { PostgresTreeNodes } from '../../../apps/auditor/src/adapters/tree-nodes.postgres';
import { LogIdentity } from '../../../apps/auditor/src/checkpoint/log-identity';
import { Proofs } from '../../../apps/auditor/src/proof/proofs';
import { auditorKey } from '../../../apps/auditor/src/testing/event-writer';
import { type AuditStack } from './audit-stack';
import { type Times, timesOf } from './times';

const RUNS = 2_000;
/** Calls of the same kind before those that count. */
const WARM_UP = 100;
/** Consistency proofs that are checked, between roots that were signed. */
const CHECKED = 100;
/** LOG_ORIGIN of the auditor that is measured. */
const KEY = new LogIdentity('quorate.local/auditor', auditorKey).key(0);

export interface ProofResult {
  /** In the process that holds the store. */
  readonly inStore: Times;
  readonly overHttp: Times;
  readonly byEventId: Times;
  readonly consistency: Times;
  /** Hashes of an inclusion proof, at most. */
  readonly hashes: number;
  /** Of these hashes, in bytes. */
  readonly proofBytes: number;
  /** Of the bundle, a file that needs nothing but the log's key: largest, in bytes, with the leaf in it. */
  readonly bundleBytes: number;
  readonly leafBytes: number;
}

interface InclusionAnswer {
  readonly index: number;
  readonly treeSize: number;
  readonly leaf: string;
  readonly hashes: readonly string[];
  readonly checkpoint: string;
}

interface ConsistencyAnswer {
  readonly from: number;
  readonly to: number;
  readonly hashes: readonly string[];
  readonly checkpoint: string;
}

/** Asks for proofs of entries at random places of a log of so many. */
export async function measureProofs(
  { url, databaseUrl }: AuditStack,
  size: number,
  eventIds: readonly string[],
): Promise<ProofResult> {
  const index = (): number => Math.floor(Math.random() * size);
  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${url}/v1/proofs/${path}`);
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json() as Promise<T>;
  };
  const proofs: InclusionAnswer[] = [];
  const inclusion = (of: (run: number) => string): Promise<Times> =>
    timed(
      (run) => ask<InclusionAnswer>(`inclusion?${of(run)}`),
      (proof) => {
        assertIncluded(proof);
        proofs.push(proof);
      },
    );
  const overHttp = await inclusion(() => `index=${index()}`);
  const byEventId = await inclusion((run) => `eventId=${eventIds[run % eventIds.length]}`);
  const consistent: ConsistencyAnswer[] = [];
  const consistency = await timed(
    () => ask<ConsistencyAnswer>(`consistency?from=${index()}`),
    (proof) => void consistent.push(proof),
  );
  await assertConsistent(consistent, ask);
  const bundles = await Promise.all(
    proofs
      .slice(0, 20)
      .map(async (proof) => (await fetch(`${url}/v1/proofs/bundle?index=${proof.index}`)).text()),
  );
  const hashes = Math.max(...proofs.map((proof) => proof.hashes.length));
  return {
    inStore: await timesInStore(databaseUrl, index),
    ...{ overHttp, byEventId, consistency, hashes, proofBytes: hashes * 32 },
    bundleBytes: Math.max(...bundles.map(({ length }) => length)),
    leafBytes: Math.max(...proofs.slice(0, 20).map(({ leaf }) => Buffer.from(leaf, 'base64').length)),
  };
}

async function timesInStore(url: string, index: () => number): Promise<Times> {
  const store = await openAuditorStore({ url, migrationUrl: url }, silentLogger);
  try {
    const proofs = new Proofs(
      ...([store, new PostgresAuditLog(store), new PostgresTreeNodes(), new PostgresCheckpoints()] as const),
    );
    return await timed(() => proofs.inclusion({ log: 0, index: index() }));
  } finally {
    await store.close();
  }
}

/** @param check what comes of a call, outside the time that it took */
async function timed<T>(call: (run: number) => Promise<T>, check?: (answer: T) => void): Promise<Times> {
  const milliseconds: number[] = [];
  for (let run = 0; run < WARM_UP + RUNS; run += 1) {
    const began = performance.now();
    const answer = await call(run);
    milliseconds.push(performance.now() - began);
    check?.(answer);
  }
  return timesOf(milliseconds.slice(WARM_UP));
}

function assertIncluded({ index, treeSize, leaf, hashes, checkpoint }: InclusionAnswer): void {
  const { size, root } = openCheckpoint(checkpoint, KEY).checkpoint;
  const claim = { index, size, leaf: leafHash(Buffer.from(leaf, 'base64')), root };
  if (size !== treeSize || !verifyInclusion(claim, hashes.map(bytes)))
    throw new Error(`the proof of entry ${index} is wrong`);
}

/** Proofs between trees whose roots were signed, at the places of those that were timed. */
async function assertConsistent(
  answers: readonly ConsistencyAnswer[],
  ask: <T>(path: string) => Promise<T>,
): Promise<void> {
  for (const { from } of answers.slice(0, CHECKED)) {
    const { checkpoint: note, treeSize } = await ask<InclusionAnswer>(`inclusion?index=0&size=${from}`);
    const older = openCheckpoint(note, KEY).checkpoint;
    const { to, hashes, checkpoint } = await ask<ConsistencyAnswer>(`consistency?from=${treeSize}`);
    const newer = openCheckpoint(checkpoint, KEY).checkpoint;
    const claim = { from: treeSize, to, fromRoot: older.root, toRoot: newer.root };
    if (!verifyConsistency(claim, hashes.map(bytes))) throw new Error(`the proof from ${treeSize} is wrong`);
  }
}

function bytes(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}
