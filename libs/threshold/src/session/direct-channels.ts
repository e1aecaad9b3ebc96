/** The encrypted channels of one party to the other participants of a session (specification section 2). */
import { encodeHeader, type Frame, type FrameHeader, HEADER_BYTES } from './frame';
import {
  decryptMessage,
  encryptMessage,
  ExchangeKey,
  type MessageContext,
  TAG_BYTES,
} from './p2p-encryption';
import { type RandomSource } from '../random';

interface Channel {
  readonly sharedSecret: Buffer;
  readonly peerKey: Buffer;
}

export class DirectChannels {
  private readonly exchangeKey: ExchangeKey;
  private readonly channels = new Map<number, Channel>();

  constructor(random: RandomSource) {
    this.exchangeKey = new ExchangeKey(random);
  }

  /** xk_i */
  get publicKey(): Buffer {
    return this.exchangeKey.publicKey;
  }

  /** Agrees with a peer's xk; false when X25519 yields zero, which is refused. */
  agree(peer: number, peerKey: Buffer): boolean {
    const sharedSecret = this.exchangeKey.agree(peerKey);
    if (sharedSecret) this.channels.set(peer, { sharedSecret, peerKey });
    return sharedSecret !== undefined;
  }

  /** The encrypted payload of the frame with this header, in two parts. */
  seal(header: FrameHeader, plaintext: Uint8Array): readonly Buffer[] {
    const { sharedSecret, peerKey } = this.channelTo(header.to);
    const context = messageContext(header, this.publicKey, peerKey);
    const headerBytes = encodeHeader(header, plaintext.length + TAG_BYTES);
    return encryptMessage(sharedSecret, context, headerBytes, plaintext);
  }

  /** The plaintext of a frame to this party; `undefined` when authentication fails. */
  open(frame: Frame): Buffer | undefined {
    const { sharedSecret, peerKey } = this.channelTo(frame.from);
    const context = messageContext(frame, peerKey, this.publicKey);
    return decryptMessage(sharedSecret, context, frame.bytes.subarray(0, HEADER_BYTES), frame.payload);
  }

  wipe(): void {
    this.exchangeKey.wipe();
    for (const { sharedSecret } of this.channels.values()) sharedSecret.fill(0);
    this.channels.clear();
  }

  private channelTo(peer: number): Channel {
    const channel = this.channels.get(peer);
    if (!channel) throw new RangeError(`no exchange key of party ${peer}`);
    return channel;
  }
}

function messageContext(header: FrameHeader, fromKey: Buffer, toKey: Buffer): MessageContext {
  const { sid, from, to, round } = header;
  return { sid, from, to, round, fromKey, toKey };
}
