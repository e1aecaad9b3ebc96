import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { ed25519FrameSigner, type FrameSigner } from '../src/frame';
import { type OutgoingFrame, type Session, type SessionOutcome } from '../src/session';

/** A test party's Ed25519 identity. */
export interface Identity {
  readonly publicKey: Buffer;
  readonly sign: FrameSigner;
}

/** The identity of a party index, the same in every test. */
export function identityOf(index: number): Identity {
  const seed = Buffer.alloc(32, index);
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const privateKey: KeyObject = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { publicKey, sign: ed25519FrameSigner(privateKey) };
}

/** May change, replace (array) or drop (empty array) a frame on its way. */
export type Interceptor = (from: number, to: number, frame: Buffer) => readonly Buffer[];

/** Runs sessions against each other until no frame is left. */
export function deliverAll<R, P>(
  sessions: ReadonlyMap<number, Session<R, P>>,
  intercept: Interceptor = (_from, _to, frame) => [frame],
): Map<number, SessionOutcome<R>> {
  const outcomes = new Map<number, SessionOutcome<R>>();
  const queue: { from: number; to: number; frame: Buffer }[] = [];
  const post = (from: number, outgoing: readonly OutgoingFrame[]) => {
    for (const { to, frame } of outgoing) {
      const receivers = to === 'all' ? [...sessions.keys()].filter((index) => index !== from) : [to];
      for (const receiver of receivers) queue.push({ from, to: receiver, frame });
    }
  };
  for (const [index, session] of sessions) post(index, session.start().outgoing);
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { from, to } = next;
    for (const frame of intercept(from, to, next.frame)) {
      const output = sessions.get(to)?.receive(frame);
      if (output?.outcome) outcomes.set(to, output.outcome);
      post(to, output?.outgoing ?? []);
    }
  }
  return outcomes;
}
