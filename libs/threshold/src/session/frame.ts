/**
 * Signed frames between nodes (specification section 2).
 *
 * header: version u8 | suite u8 | type u8 | round u8 | keyId 32 | epoch u32 | sid 32 | from u16 | to u16 | length u32,
 * then the payload, then Ed25519("dkls23/1/frame" || header || payload). Integers are big-endian.
 */
import { type KeyObject } from 'node:crypto';
import { domain } from '../hash';
import { ed25519Signer, ed25519Verify } from './frame-signature';
import { MAX_INDEX } from './session-start';
import { parseSuiteId, type SuiteId } from '../suite';

/** Signs with the identity key of this node: 64 bytes, Ed25519. Injected, so that the key may live elsewhere. */
export type FrameSigner = (bytes: Uint8Array) => Buffer;

/** The frozen table of frame types; {@link ROUNDS} has their rounds. Evidence carries a frame as it was received. */
export const FRAME_TYPES = { dkg: 1, presign: 2, online: 3, reshare: 4, rekey: 5, evidence: 6 } as const;
export type FrameType = (typeof FRAME_TYPES)[keyof typeof FRAME_TYPES];

/** Number of rounds by frame type; rounds count from 1. */
export const ROUNDS: Readonly<Record<FrameType, number>> = { 1: 4, 2: 3, 3: 1, 4: 4, 5: 4, 6: 1 };

export { ed25519PublicKey } from './frame-signature';

export const FRAME_VERSION = 1;
export const HEADER_BYTES = 80;
export const SIGNATURE_BYTES = 64;
/** Value of `to` that addresses everyone. */
export const BROADCAST = 0xffff;

const SIGNED_PREFIX = Buffer.from(domain('frame'), 'ascii');

export interface FrameHeader {
  readonly suite: SuiteId;
  readonly type: FrameType;
  readonly round: number;
  /** 32 bytes, zero before key generation ends. */
  readonly keyId: Uint8Array;
  readonly epoch: number;
  /** 32 bytes. */
  readonly sid: Uint8Array;
  /** Party index of the sender. */
  readonly from: number;
  /** Party index of the receiver, or {@link BROADCAST}. */
  readonly to: number;
}

/** A parsed frame; its signature is not verified by parsing. */
export interface Frame extends FrameHeader {
  readonly keyId: Buffer;
  readonly sid: Buffer;
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** The frame as it was received. */
  readonly bytes: Buffer;
  /** What the signature covers: the constant prefix, then header and payload. */
  readonly signed: Buffer;
}

/** The 80 bytes of the header for a payload of that length on the wire. */
export function encodeHeader(header: FrameHeader, payloadLength: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.set([FRAME_VERSION, header.suite, header.type, header.round]);
  bytes.set(header.keyId, 4);
  bytes.writeUInt32BE(header.epoch, 36);
  bytes.set(header.sid, 40);
  bytes.writeUInt16BE(header.from, 72);
  bytes.writeUInt16BE(header.to, 74);
  bytes.writeUInt32BE(payloadLength, 76);
  return bytes;
}

/**
 * Encodes and signs a frame. Payloads of presigning have 868 KB: they are copied once, into the frame.
 * @param payload what goes on the wire, in parts: encrypted already where the round says so
 */
export function encodeFrame(
  header: FrameHeader,
  payload: Uint8Array | readonly Uint8Array[],
  sign: FrameSigner,
): Buffer {
  const parts = payload instanceof Uint8Array ? [payload] : payload;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const end = SIGNED_PREFIX.length + HEADER_BYTES + length;
  const bytes = Buffer.allocUnsafe(end + SIGNATURE_BYTES);
  bytes.set(SIGNED_PREFIX);
  bytes.set(encodeHeader(header, length), SIGNED_PREFIX.length);
  let at = SIGNED_PREFIX.length + HEADER_BYTES;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  bytes.set(sign(bytes.subarray(0, end)), end);
  return bytes.subarray(SIGNED_PREFIX.length);
}

/** Parses a frame of a known version, suite, type and round and of consistent length; `undefined` otherwise. */
export function parseFrame(input: Uint8Array): Frame | undefined {
  if (input.length < HEADER_BYTES + SIGNATURE_BYTES) return undefined;
  const prefixed = Buffer.allocUnsafe(SIGNED_PREFIX.length + input.length);
  prefixed.set(SIGNED_PREFIX);
  prefixed.set(input, SIGNED_PREFIX.length);
  const bytes = prefixed.subarray(SIGNED_PREFIX.length);
  const suite = parseSuiteId(bytes.readUInt8(1));
  const type = parseType(bytes.readUInt8(2));
  const round = bytes.readUInt8(3);
  const from = bytes.readUInt16BE(72);
  const to = bytes.readUInt16BE(74);
  const payloadEnd = HEADER_BYTES + bytes.readUInt32BE(76);
  if (bytes.readUInt8(0) !== FRAME_VERSION || suite === undefined || type === undefined) return undefined;
  if (round < 1 || round > ROUNDS[type] || payloadEnd + SIGNATURE_BYTES !== bytes.length) return undefined;
  if (from < 1 || from > MAX_INDEX || to < 1) return undefined;
  return {
    suite,
    type,
    round,
    keyId: bytes.subarray(4, 36),
    epoch: bytes.readUInt32BE(36),
    sid: bytes.subarray(40, 72),
    from,
    to,
    payload: bytes.subarray(HEADER_BYTES, payloadEnd),
    signature: bytes.subarray(payloadEnd),
    bytes,
    signed: prefixed.subarray(0, prefixed.length - SIGNATURE_BYTES),
  };
}

/** Whether the sender's identity key signed the frame. */
export function verifyFrame(frame: Frame, identityKey: KeyObject): boolean {
  return ed25519Verify(frame.signed, identityKey, frame.signature);
}

/** A signer from a private Ed25519 key in this process. */
export function ed25519FrameSigner(privateKey: KeyObject): FrameSigner {
  return ed25519Signer(privateKey);
}

function parseType(value: number): FrameType | undefined {
  return Object.values(FRAME_TYPES).find((type) => type === value);
}
