/**
 * The protocol thread of a node: runs all ceremonies, so that heartbeats and online signing in the main thread never wait
 * for them. One thread judges one message at a time, and a verdict that kills a pair is stored by the main thread before
 * this thread does anything else (threshold-ecdsa.md 5.7).
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assertKernel, assertNativeCurve, ed25519FrameSigner } from '@quorate/threshold';
import { ProtocolRoom } from './protocol-room';
import {
  frameBuffers,
  type FromThread,
  type ThreadData,
  type ToThread,
  type Verdict,
} from './thread-messages';

if (parentPort === null) throw new Error('protocol.thread runs as a worker thread only');
const port = parentPort;
const { identityKey, storedVerdicts } = workerData as ThreadData;
const verdictCounter = new Int32Array(storedVerdicts);

assertNativeCurve();
assertKernel();
const post = (message: FromThread): void => port.postMessage(message, frameBuffers(message));
const room = new ProtocolRoom(ed25519FrameSigner(identityKey), post, storeVerdict);
port.on('message', (message: ToThread) => room.handle(message));

/** Stands still until the main thread has stored the verdict durably. */
function storeVerdict(verdict: Verdict): void {
  const before = Atomics.load(verdictCounter, 0);
  post(verdict);
  Atomics.wait(verdictCounter, 0, before);
}
