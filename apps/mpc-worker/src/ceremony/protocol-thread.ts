import { type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  type FromThread,
  type PairAnnounced,
  type SessionStep,
  type ThreadData,
  type ToThread,
  type Verdict,
} from './thread-messages';

export interface ProtocolThreadListener {
  /** Handles one step; the next one is handed over only when the promise has resolved. */
  step(step: SessionStep): Promise<void>;
  /** Stores "pair dead" durably; the protocol thread stands still until the promise has resolved. */
  verdict(verdict: Verdict): Promise<void>;
  /** Puts a re-keyed pair into use that its peer uses. */
  pairAnnounced(pair: PairAnnounced): Promise<void>;
  /** The thread died, or a handler failed for good: the process must end. */
  fatal(error: Error): void;
}

/** What of a worker is used here. */
export interface ThreadWorker {
  postMessage(message: ToThread, transferred?: readonly ArrayBuffer[]): void;
  on(event: 'message', listener: (message: FromThread) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: () => void): unknown;
  terminate(): Promise<unknown>;
}

function startCompiled(workerData: ThreadData): ThreadWorker {
  return new Worker(join(__dirname, 'protocol.thread.js'), { workerData });
}

/** The main thread's end of the protocol thread. */
export class ProtocolThread {
  private readonly worker: ThreadWorker;
  private readonly storedVerdicts = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  private stopping = false;

  /** @param startWorker runs protocol.thread */
  constructor(
    identityKey: KeyObject,
    private readonly listener: ProtocolThreadListener,
    startWorker: (workerData: ThreadData) => ThreadWorker = startCompiled,
  ) {
    this.worker = startWorker({ identityKey, storedVerdicts: this.storedVerdicts });
    let last = Promise.resolve();
    this.worker.on('message', (message: FromThread) => {
      last = last.then(() => this.handle(message)).catch((error: Error) => this.listener.fatal(error));
    });
    this.worker.on('error', (error) => this.listener.fatal(error));
    this.worker.on('exit', () => {
      if (!this.stopping) this.listener.fatal(new Error('the protocol thread ended'));
    });
  }

  /** `message` is copied. */
  post(message: ToThread): void {
    if (!('frame' in message)) {
      this.worker.postMessage(message);
      return;
    }
    // Of a view, a worker is given all that lies behind it: here a whole answer of Kafka, for each frame in it.
    const frame = new Uint8Array(message.frame);
    this.worker.postMessage({ ...message, frame }, [frame.buffer]);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.worker.terminate();
  }

  private async handle(message: FromThread): Promise<void> {
    if (message.kind === 'step') return this.listener.step(message);
    if (message.kind === 'pair-announced') return this.listener.pairAnnounced(message);
    await this.listener.verdict(message);
    const counter = new Int32Array(this.storedVerdicts);
    Atomics.add(counter, 0, 1);
    Atomics.notify(counter, 0);
  }
}
