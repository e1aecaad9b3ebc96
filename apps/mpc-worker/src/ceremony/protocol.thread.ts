/**
 * The protocol thread of a node: runs all ceremonies, so that heartbeats and online signing in the main thread never wait
 * for them. One thread judges one message at a time, and a verdict that kills a pair is stored by the main thread before
 * this thread does anything else (threshold-ecdsa.md 5.7).
 */
import { parentPort, workerData } from 'node:worker_threads';
import {
  assertKernel,
  assertNativeCurve,
  ed25519FrameSigner,
  InvalidInput,
  sessionId as sessionIdOf,
  systemRandom,
} from '@quorate/threshold';
import { LoadedShares } from './loaded-shares';
import { openSession } from './protocols';
import { type RunningSession, type Step } from './running-session';
import {
  type FromThread,
  type StartSession,
  type ThreadData,
  type ToThread,
  type Verdict,
} from './thread-messages';

if (parentPort === null) throw new Error('protocol.thread runs as a worker thread only');
const port = parentPort;
const { identityKey, storedVerdicts } = workerData as ThreadData;
const sign = ed25519FrameSigner(identityKey);
const verdictCounter = new Int32Array(storedVerdicts);

const shares = new LoadedShares();
const sessions = new Map<string, RunningSession>();

assertNativeCurve();
assertKernel();
port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'load-share':
      shares.load(message);
      return;
    case 'drop-share':
      shares.drop(message.keyId);
      return;
    case 'kill-pair':
      shares.killPair(message);
      return;
    case 'await-pair':
      shares.awaitPair(message, message.share);
      return;
    case 'revive-pair':
      shares.revivePair(message, message.share);
      return;
    case 'announcement':
      if (shares.announces(message, message.frame)) {
        const { keyId, epoch, peer } = message;
        port.postMessage({ kind: 'pair-announced', keyId, epoch, peer } satisfies FromThread);
      }
      return;
    case 'start':
      start(message);
      return;
    case 'frame': {
      const session = sessions.get(message.sessionId);
      if (session !== undefined) report(message.sessionId, session.receive(message.frame));
      return;
    }
    case 'abort':
      sessions.get(message.sessionId)?.abort();
      sessions.delete(message.sessionId);
  }
});

/** A start that does not fit the key after all ends as a failure that blames nobody. */
function start({ start, index, keyId, former }: StartSession): void {
  const sessionId = sessionIdOf(start).toString('hex');
  const held = keyId === undefined ? undefined : shares.find(keyId);
  try {
    const session = openSession({
      config: { start, index, sign, random: systemRandom },
      ...(held && { held }),
      ...(former && { former }),
      condemn: (peer) =>
        storeVerdict({ kind: 'verdict', sessionId, keyId: keyId ?? '', epoch: start.epoch, peer }),
    });
    sessions.set(sessionId, session);
    report(sessionId, session.start());
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const failure = { failureClass: 'CONFIG', check: error.message, evidence: [] } as const;
    report(sessionId, { outgoing: [], outcome: { kind: 'failure', failure } });
  }
}

/** Stands still until the main thread has stored the verdict durably. */
function storeVerdict(verdict: Verdict): void {
  const before = Atomics.load(verdictCounter, 0);
  port.postMessage(verdict satisfies FromThread);
  Atomics.wait(verdictCounter, 0, before);
}

/** The message is a copy; what is secret in the original is wiped. */
function report(sessionId: string, step: Step): void {
  const { outcome, pending, outgoing, dropped } = step;
  if (outcome !== undefined) sessions.delete(sessionId);
  if (outgoing.length === 0 && pending === undefined && !outcome && !dropped) return;
  port.postMessage({ kind: 'step', sessionId, ...step } satisfies FromThread);
  pending?.fill(0);
  if (outcome !== undefined && 'share' in outcome) outcome.share.fill(0);
  if (outcome !== undefined && 'batch' in outcome) outcome.batch.fill(0);
}
