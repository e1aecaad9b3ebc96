/**
 * The protocol thread of a node: runs key generation and presigning, so that heartbeats and online signing in the main
 * thread never wait for them. One thread judges one message at a time, and a verdict that kills a pair is stored by the
 * main thread before this thread does anything else (threshold-ecdsa.md 5.7).
 */
import { parentPort, workerData } from 'node:worker_threads';
import {
  assertKernel,
  assertNativeCurve,
  createKeygenSession,
  createPairJudge,
  createPresignSession,
  decodeKeyShare,
  ed25519FrameSigner,
  encodeKeyShare,
  encodePendingKeyShare,
  encodePresignatureBatch,
  type KeyShare,
  type ProtocolFailure,
  type Session,
  sessionId as sessionIdOf,
  type StepOutput,
  systemRandom,
  wipeKeyShare,
  wipePresignature,
} from '@quorate/threshold';
import {
  type FromThread,
  type SessionStep,
  type ThreadData,
  type ThreadOutcome,
  type ToThread,
} from './thread-messages';

if (parentPort === null) throw new Error('protocol.thread runs as a worker thread only');
const port = parentPort;
const { identityKey, storedVerdicts } = workerData as ThreadData;
const sign = ed25519FrameSigner(identityKey);
const verdictCounter = new Int32Array(storedVerdicts);

type Step = Omit<SessionStep, 'kind' | 'sessionId'>;
interface RunningSession {
  start(): Step;
  receive(frame: Uint8Array): Step;
  abort(): void;
}

const shares = new Map<string, { share: KeyShare; deadPeers: Set<number> }>();
const sessions = new Map<string, RunningSession>();

assertNativeCurve();
assertKernel();
port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'load-share':
      loadShare(message);
      return;
    case 'start': {
      const { session, sessionId } = openSession(message);
      sessions.set(sessionId, session);
      report(sessionId, session.start());
      return;
    }
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

function loadShare(message: ToThread & { kind: 'load-share' }): void {
  const replaced = shares.get(message.keyId);
  if (replaced !== undefined) wipeKeyShare(replaced.share);
  const share = decodeKeyShare(Buffer.from(message.share));
  shares.set(message.keyId, { share, deadPeers: new Set(message.deadPeers) });
  message.share.fill(0);
}

function openSession(message: ToThread & { kind: 'start' }): { session: RunningSession; sessionId: string } {
  const { start } = message;
  const sessionId = sessionIdOf(start).toString('hex');
  const config = { start, index: message.index, sign, random: systemRandom };
  if (start.purpose === 'dkg') {
    return {
      sessionId,
      session: running(createKeygenSession(config), keyShareOutcome, encodePendingKeyShare),
    };
  }
  const keyId = message.keyId ?? '';
  const held = shares.get(keyId);
  if (held === undefined) throw new Error('presigning was started before its key share was loaded');
  const judge = createPairJudge(held.deadPeers, (peer) =>
    storeVerdict({ kind: 'verdict', sessionId, keyId, epoch: start.epoch, peer }),
  );
  const session = createPresignSession({ ...config, keyShare: held.share, judge });
  return { sessionId, session: running(session, presignatureOutcome) };
}

/** Stands still until the main thread has stored the verdict durably. */
function storeVerdict(verdict: FromThread): void {
  const before = Atomics.load(verdictCounter, 0);
  port.postMessage(verdict);
  Atomics.wait(verdictCounter, 0, before);
}

function running<R, P>(
  session: Session<R, P>,
  encodeResult: (value: R) => ThreadOutcome,
  encodePending?: (value: P) => Uint8Array,
): RunningSession {
  const convert = (step: StepOutput<R, P>): Step => ({
    outgoing: step.outgoing,
    ...(step.pending !== undefined && encodePending && { pending: encodePending(step.pending) }),
    ...(step.dropped !== undefined && { dropped: step.dropped }),
    ...(step.outcome?.kind === 'result' && { outcome: encodeResult(step.outcome.value) }),
    ...(step.outcome?.kind === 'failure' && { outcome: failureOutcome(step.outcome.failure) }),
  });
  return {
    start: () => convert(session.start()),
    receive: (frame) => convert(session.receive(frame)),
    abort: () => session.abort(),
  };
}

function keyShareOutcome(share: KeyShare): ThreadOutcome {
  const encoded = encodeKeyShare(share);
  wipeKeyShare(share);
  return { kind: 'key-share', share: encoded };
}

function presignatureOutcome(batch: Parameters<typeof encodePresignatureBatch>[0]): ThreadOutcome {
  const encoded = encodePresignatureBatch(batch);
  batch.presignatures.forEach(wipePresignature);
  return { kind: 'presignatures', batch: encoded };
}

function failureOutcome(failure: ProtocolFailure): ThreadOutcome {
  const { failureClass, check, accused, evidence } = failure;
  return {
    kind: 'failure',
    failure: { failureClass, check, ...(accused !== undefined && { accused }), evidence },
  };
}

function report(sessionId: string, step: Step): void {
  if (step.outcome !== undefined) sessions.delete(sessionId);
  if (step.outgoing.length === 0 && step.pending === undefined && !step.outcome && !step.dropped) return;
  port.postMessage({ kind: 'step', sessionId, ...step } satisfies FromThread);
}
