import { generateKeyPairSync } from 'node:crypto';
import { ProtocolThread } from './protocol-thread';
import { type ToThread } from './thread-messages';

describe('ProtocolThread', () => {
  it.each([
    { kind: 'frame', sessionId: 's' } as const,
    { kind: 'announcement', keyId: 'k', epoch: 1, peer: 2 } as const,
  ])(
    'gives the thread the frame of a $kind without the rest of the answer it came in, and keeps it',
    (around) => {
      const posted: { message: ToThread; transferred: readonly ArrayBuffer[] | undefined }[] = [];
      const worker = {
        postMessage: (message: ToThread, transferred?: readonly ArrayBuffer[]) =>
          void posted.push({
            message: structuredClone(message, { transfer: [...(transferred ?? [])] }),
            transferred,
          }),
        on: () => undefined,
        terminate: () => Promise.resolve(),
      };
      const listener = {
        step: async () => undefined,
        verdict: async () => undefined,
        pairAnnounced: async () => undefined,
        fatal: (error: Error) => {
          throw error;
        },
      };
      const { privateKey } = generateKeyPairSync('ed25519');
      const thread = new ProtocolThread(privateKey, listener, () => worker);
      const answer = Buffer.alloc(1_000_000, 7);
      const frame = answer.subarray(500_000, 500_010);

      thread.post({ ...around, frame });

      const [{ message, transferred } = { message: undefined, transferred: undefined }] = posted;
      if (message === undefined || !('frame' in message)) throw new Error('no frame was posted');
      expect(Buffer.from(message.frame)).toEqual(Buffer.alloc(10, 7));
      expect(message.frame.buffer.byteLength).toBe(10);
      expect(transferred?.map(({ byteLength }) => byteLength)).toEqual([0]);
      expect(frame).toEqual(Buffer.alloc(10, 7));
    },
  );
});
