/**
 * Loaded into every node before its own code (`node --require`): what the node sends to the others in ceremonies is left out
 * or changed as a file says, and signed with its identity key. The node itself goes on as if nothing were wrong, as a
 * compromised one would that wants to stay in its place.
 */
import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { ed25519FrameSigner, encodeFrame, parseFrame } from '@quorate/threshold';
import { RoundInbox } from '../../../apps/mpc-worker/src/round-inbox/round-inbox';
import { type Dishonesty, dishonestySchema } from './dishonesty';

interface Outgoing {
  readonly receivers: readonly string[];
  readonly frame: Uint8Array;
}

const file = process.env['CHAOS_ROUNDS_FILE'];
if (file !== undefined && isMainThread) {
  const send = Object.getOwnPropertyDescriptor(RoundInbox.prototype, 'send')?.value as RoundInbox['send'];
  const sign = ed25519FrameSigner(createPrivateKey(readFileSync(process.env['IDENTITY_KEY_FILE'] ?? '')));
  RoundInbox.prototype.send = function (this: RoundInbox, sessionId, frames) {
    const dishonesty = existsSync(file)
      ? dishonestySchema.parse(JSON.parse(readFileSync(file, 'utf8')))
      : undefined;
    return send.call(
      this,
      sessionId,
      dishonesty === undefined ? frames : frames.flatMap((frame) => told(frame, dishonesty)),
    );
  };

  /** What becomes of one frame: the victims get nothing, or another one. */
  const told = ({ receivers, frame }: Outgoing, { how, to, round }: Dishonesty): Outgoing[] => {
    const victims = receivers.filter((node) => to.includes(node));
    const others = receivers.filter((node) => !to.includes(node));
    const honest = { receivers: others, frame };
    if (how === 'silence') return [honest];
    const changed = changedFrame(frame, round);
    return changed === undefined ? [{ receivers, frame }] : [honest, { receivers: victims, frame: changed }];
  };

  /** The frame of that round with one byte of its payload changed, signed anew; undefined for one of another round. */
  const changedFrame = (bytes: Uint8Array, round: number): Uint8Array | undefined => {
    const frame = parseFrame(bytes);
    if (frame === undefined || frame.round !== round) return undefined;
    const payload = Buffer.from(frame.payload);
    const at = payload.length >> 1;
    payload.writeUInt8(payload.readUInt8(at) ^ 1, at);
    return encodeFrame(frame, payload, sign);
  };
}
