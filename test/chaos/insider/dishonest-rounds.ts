/**
 * Loaded into every node before its own code, and into its threads (`node --require`): what the node sends to the others in
 * ceremonies is left out or changed as a file says, and signed with its identity key. The node itself goes on as if nothing
 * were wrong, as a compromised one would that wants to stay in its place.
 */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { ed25519FrameSigner, encodeFrame, type FrameSigner, parseFrame } from '@quorate/threshold';
import { RoundInbox } from '../../../apps/mpc-worker/src/round-inbox/round-inbox';
import { DirectChannels } from '../../../libs/threshold/src/session/direct-channels';
import { type Dishonesty, orderedDishonesty, withFlippedBit } from './dishonesty';

interface Outgoing {
  readonly receivers: readonly string[];
  readonly frame: Uint8Array;
}

const file = process.env['CHAOS_ROUNDS_FILE'];
if (file !== undefined) {
  if (isMainThread) changeFrames(file, process.env['IDENTITY_KEY_FILE'] ?? '');
  else changeContents(file);
}

/** What leaves the process: frames for some receivers are left out, or others instead. */
function changeFrames(path: string, identityKeyFile: string): void {
  const sign = ed25519FrameSigner(createPrivateKey(readFileSync(identityKeyFile)));
  const honest = Object.getOwnPropertyDescriptor(RoundInbox.prototype, 'send')?.value as RoundInbox['send'];
  RoundInbox.prototype.send = function (this: RoundInbox, sessionId, frames) {
    const dishonesty = orderedDishonesty(path);
    const sent = dishonesty === undefined ? frames : frames.flatMap((each) => told(each, dishonesty, sign));
    return honest.call(this, sessionId, sent);
  };
}

function told({ receivers, frame }: Outgoing, dishonesty: Dishonesty, sign: FrameSigner): Outgoing[] {
  const isVictim = (node: string) => dishonesty.to.some((victim) => victim.node === node);
  const others = { receivers: receivers.filter((node) => !isVictim(node)), frame };
  if (dishonesty.how === 'silence') return [others];
  const parsed = parseFrame(frame);
  if (dishonesty.how !== 'frames' || parsed?.round !== dishonesty.round) return [{ receivers, frame }];
  const changed = encodeFrame(parsed, withFlippedBit(parsed.payload, dishonesty), sign);
  return [others, { receivers: receivers.filter(isVictim), frame: changed }];
}

/** What the protocol thread encrypts for one receiver: it decrypts well, and is wrong. */
function changeContents(path: string): void {
  const honest = Object.getOwnPropertyDescriptor(DirectChannels.prototype, 'seal')
    ?.value as DirectChannels['seal'];
  DirectChannels.prototype.seal = function (this: DirectChannels, header, plaintext) {
    const dishonesty = orderedDishonesty(path);
    const isChanged =
      dishonesty?.how === 'contents' &&
      header.round === dishonesty.round &&
      dishonesty.to.some(({ index }) => index === header.to);
    return honest.call(this, header, isChanged ? withFlippedBit(plaintext, dishonesty) : plaintext);
  };
}
