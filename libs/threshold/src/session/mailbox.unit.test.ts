import { BROADCAST, ed25519PublicKey, encodeFrame, type FrameHeader } from './frame';
import { Mailbox } from './mailbox';
import { testParties } from '../testing/ceremony-network';

const [me, peer, stranger] = testParties(3);
if (!me || !peer || !stranger) throw new Error('three parties');
const session = { suite: 1, type: 1, keyId: Buffer.alloc(32), epoch: 0, sid: Buffer.alloc(32, 1) } as const;
const rounds = [
  { broadcast: 8, encrypted: false },
  { broadcast: [4, 6], p2p: 10, encrypted: true },
  { broadcast: 8, p2p: 10, encrypted: false },
];
const newMailbox = () =>
  new Mailbox(session, me.index, new Map([[peer.index, ed25519PublicKey(peer.identityKey)]]), rounds);

const header: FrameHeader = { ...session, round: 1, from: peer.index, to: BROADCAST };
const signed = (change: Partial<FrameHeader>, length: number, fill = 0) =>
  encodeFrame({ ...header, ...change }, Buffer.alloc(length, fill), peer.sign);

describe('single-shot mailbox (2)', () => {
  const forged = encodeFrame(header, Buffer.alloc(8), stranger.sign);
  test.each([
    ['garbage', 'malformed', Buffer.alloc(200)],
    ['empty', 'malformed', Buffer.alloc(0)],
    ['of another session', 'other-session', signed({ sid: Buffer.alloc(32, 2) }, 8)],
    ['of another suite', 'other-session', signed({ suite: 2 }, 8)],
    ['of another epoch', 'other-session', signed({ epoch: 1 }, 8)],
    ['of another key', 'other-session', signed({ keyId: Buffer.alloc(32, 1) }, 8)],
    ['of another ceremony', 'other-session', signed({ type: 2 }, 8)],
    [
      'from a stranger',
      'sender',
      encodeFrame({ ...header, from: stranger.index }, Buffer.alloc(8), stranger.sign),
    ],
    [
      'from this party itself',
      'sender',
      encodeFrame({ ...header, from: me.index }, Buffer.alloc(8), me.sign),
    ],
    ['to another party', 'recipient', signed({ round: 2, to: stranger.index }, 26)],
    ['of a round that the ceremony does not have', 'round', signed({ round: 4 }, 8)],
    ['too long', 'length', signed({}, 9)],
    ['of a direct message in a round without', 'length', signed({ to: me.index }, 8)],
    ['of an encrypted message without a tag', 'length', signed({ round: 2, to: me.index }, 10)],
    ['of a broadcast with a length between two kinds', 'length', signed({ round: 2 }, 5)],
    ['signed by another', 'signature', forged],
  ])('drops a frame %s', (_, reason, frame) => {
    const mailbox = newMailbox();
    expect(mailbox.deliver(frame)).toEqual({ kind: 'dropped', reason });
    expect(mailbox.deliver(signed({}, 8)).kind).toBe('stored'); // nothing changed
  });

  test('holds messages of later rounds, and completes round by round', () => {
    const mailbox = newMailbox();
    for (const frame of [
      signed({ round: 3 }, 8),
      signed({ round: 2, to: me.index }, 26),
      signed({ round: 3, to: me.index }, 10),
      signed({ round: 2 }, 6),
    ]) {
      expect(mailbox.deliver(frame).kind).toBe('stored');
    }
    expect([1, 2, 3].map((round) => mailbox.isComplete(round))).toEqual([false, true, true]);
    mailbox.deliver(signed({}, 8));
    expect(mailbox.isComplete(1)).toBe(true);
    expect(mailbox.broadcastsOf(peer.index)).toHaveLength(3);
    mailbox.clear();
    expect(mailbox.isComplete(1)).toBe(false);
  });

  test('ignores an identical duplicate, and takes another signed message as evidence', () => {
    const mailbox = newMailbox();
    const [first, second] = [signed({}, 8), signed({}, 8, 1)];
    mailbox.deliver(first);
    expect(mailbox.deliver(Buffer.from(first))).toEqual({ kind: 'dropped', reason: 'duplicate' });
    expect(mailbox.deliver(forged).kind).toBe('dropped');
    expect(mailbox.deliver(second)).toEqual({
      kind: 'equivocation',
      from: peer.index,
      evidence: [first, second],
    });
    expect(mailbox.broadcast(1, peer.index)?.bytes).toEqual(first);
  });

  test('an unsigned other message is no evidence', () => {
    const mailbox = newMailbox();
    mailbox.deliver(signed({}, 8));
    const unsigned = encodeFrame(header, Buffer.alloc(8, 1), stranger.sign);
    expect(mailbox.deliver(unsigned)).toEqual({ kind: 'dropped', reason: 'signature' });
  });

  test('what a sender may send, and whether direct messages are awaited, depends on its role', () => {
    const peers = [peer, stranger].map((one) => [one.index, ed25519PublicKey(one.identityKey)] as const);
    const byRole = (sender: number) =>
      sender === peer.index
        ? [{ broadcast: 8, p2p: 10, encrypted: false }]
        : [{ broadcast: 5, encrypted: false }];
    const mailbox = new Mailbox(session, me.index, new Map(peers), byRole);
    const from = stranger.index;
    const byStranger = (change: Partial<FrameHeader>, length: number) =>
      encodeFrame({ ...header, from, ...change }, Buffer.alloc(length), stranger.sign);
    expect(mailbox.deliver(byStranger({}, 8))).toEqual({ kind: 'dropped', reason: 'length' });
    expect(mailbox.deliver(byStranger({ to: me.index }, 10))).toEqual({ kind: 'dropped', reason: 'length' });
    expect(mailbox.deliver(byStranger({}, 5)).kind).toBe('stored');
    expect(mailbox.deliver(signed({}, 8)).kind).toBe('stored');
    expect(mailbox.isComplete(1)).toBe(false);
    expect(mailbox.deliver(signed({ to: me.index }, 10)).kind).toBe('stored');
    expect(mailbox.isComplete(1)).toBe(true);
  });
});
