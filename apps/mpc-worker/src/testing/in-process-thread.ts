import { EventEmitter } from 'node:events';
import { ed25519FrameSigner } from '@quorate/threshold';
import { ProtocolRoom } from '../ceremony/protocol-room';
import { type ThreadWorker } from '../ceremony/protocol-thread';
import { type FromThread, type ThreadData, type ToThread } from '../ceremony/thread-messages';

/**
 * The protocol thread in the test's own thread, for tests in which no pair fails a check: nobody could wait for a verdict
 * here. Messages are copied as between threads.
 */
export class InProcessThread extends EventEmitter implements ThreadWorker {
  private readonly room: ProtocolRoom;
  private isEnded = false;

  constructor({ identityKey }: ThreadData) {
    super();
    this.room = new ProtocolRoom(
      ed25519FrameSigner(identityKey),
      (message) => this.later(message, (copy: FromThread) => this.emit('message', copy)),
      ({ peer }) => this.emit('error', new Error(`the pair with party ${peer} failed a check`)),
    );
  }

  postMessage(message: ToThread): void {
    this.later(message, (copy) => this.room.handle(copy));
  }

  async terminate(): Promise<void> {
    this.isEnded = true;
  }

  private later<T>(message: T, take: (copy: T) => void): void {
    const copy = structuredClone(message);
    setImmediate(() => {
      if (!this.isEnded) take(copy);
    });
  }
}
