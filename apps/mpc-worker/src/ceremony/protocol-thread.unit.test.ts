import { generateKeyPairSync } from 'node:crypto';
import { ProtocolThread } from './protocol-thread';
import { frameBuffers, type SessionStep, type ToThread } from './thread-messages';

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

describe('frameBuffers', () => {
  const step = (parts: Partial<SessionStep>): SessionStep => ({
    ...{ kind: 'step', sessionId: 's', outgoing: [] },
    ...parts,
  });

  it('hands over long frames, and leaves secrets to be wiped', () => {
    const frame = Buffer.alloc(100_000, 1);
    const [pending, batch] = [Buffer.alloc(20_000, 2), Buffer.alloc(30_000, 3)];
    const message = step({
      pending,
      outgoing: [{ to: 1, frame: frame.subarray(13) }],
      outcome: { kind: 'presignatures', batch },
    });
    const received = structuredClone(message, { transfer: frameBuffers(message) });
    expect([frame, pending, batch].map(({ length }) => length)).toEqual([0, 20_000, 30_000]);
    expect(Buffer.from(received.outgoing[0]?.frame ?? [])).toEqual(Buffer.alloc(99_987, 1));
  });

  it('leaves what may share its buffer with others', () => {
    const short = Buffer.from('from the pool');
    expect(frameBuffers(step({ outgoing: [{ to: 'all', frame: short }] }))).toEqual([]);
  });

  it('names a buffer once, however often it is in the message', () => {
    const frame = Buffer.alloc(50_000);
    const failure = { failureClass: 'IDENT', check: 'c', evidence: [frame] } as const;
    const message = step({
      outgoing: [1, 2].map((to) => ({ to, frame })),
      outcome: { kind: 'failure', failure },
    });
    expect(frameBuffers(message)).toEqual([frame.buffer]);
    expect(structuredClone(message, { transfer: frameBuffers(message) }).outcome).toMatchObject({
      failure: { evidence: [{ length: 50_000 }] },
    });
  });

  it('has none for a verdict', () => {
    const verdict = { kind: 'verdict', sessionId: 's', keyId: 'k', epoch: 0, peer: 2 } as const;
    expect(frameBuffers(verdict)).toEqual([]);
  });
});
