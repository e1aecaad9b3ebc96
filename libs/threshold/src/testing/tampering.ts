import { dealingDigest } from '../dealing/context';
import { type Point } from '../group/point';
import { BROADCAST, parseFrame } from '../session/frame';
import { resigned, type Tamper, type TestParty } from './ceremony-network';

/** Changes a copy of a payload. */
export type Change = (payload: Buffer) => Buffer;

/** The party signs another broadcast in a round, and sends it to everyone or to one receiver. */
export function broadcastBy(cheater: TestParty, round: number, change: Change, receiver?: number): Tamper {
  return (frame, from, to) => {
    const parsed = parseFrame(frame);
    const isRound = parsed?.round === round && parsed.to === BROADCAST;
    const isTarget = isRound && from === cheater.index && (receiver ?? to) === to;
    return [isTarget ? resigned(frame, cheater, change) : frame];
  };
}

/** Writes bytes over a payload. */
export function set(offset: number, bytes: Uint8Array): Change {
  return (payload) => {
    payload.set(bytes, offset);
    return payload;
  };
}

/** Changes one bit of a payload. */
export function flip(offset: number): Change {
  return (payload) => {
    payload[offset] = payload.readUInt8(offset) ^ 1;
    return payload;
  };
}

/** In round 4 the party complains about another one, whose share it saw, with points that prove nothing. */
export function complaintWithoutProof(complainer: TestParty, accused: number, point: Point): Tamper {
  let ssid: Buffer = Buffer.alloc(0);
  let dealing: Buffer = Buffer.alloc(0);
  const complain = broadcastBy(complainer, 4, () => {
    const digest = dealingDigest(ssid, accused, dealing);
    return Buffer.concat([Buffer.from([1, 0, accused]), digest, point, point, point, Buffer.alloc(32, 1)]);
  });
  return (frame, from, to) => {
    const { round, to: receiver, payload } = parseFrame(frame) ?? {};
    if (payload && receiver === BROADCAST && round === 2) ssid = payload.subarray(0, 32);
    if (payload && receiver === BROADCAST && round === 3 && from === accused) dealing = payload;
    return complain(frame, from, to);
  };
}
