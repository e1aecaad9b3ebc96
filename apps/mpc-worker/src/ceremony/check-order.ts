import { Refused } from '@quorate/platform';
import { type Policy } from '@quorate/policy';
import { type Scheme } from '@quorate/protocol';
import { isEcdsaSuite, sessionId, type SessionStart, type SuiteId } from '@quorate/threshold';
import { type HeldKey } from '../key-share/held-key';
import { verifyCommand } from '../operator-command/verify-command';
import { type CeremonyOrder, sessionStartOf } from './ceremony-order';

/** Longest time a coordinator may give a ceremony. */
const MAX_CEREMONY_SECONDS = 600;

/** The suite that a new key of a scheme has. */
const SUITE_OF: Readonly<Record<Scheme, SuiteId>> = {
  'ecdsa-secp256k1': 1,
  'eddsa-ed25519': 3,
  'bip340-secp256k1': 4,
};

/** What a node knows by itself, against which an order is checked. */
export interface OwnView {
  readonly nodeId: string;
  readonly bootId: Buffer;
  /** Seconds since 1970. */
  readonly now: number;
  /** Pinned identity key of a node, raw; undefined for nodes that PEERS_FILE does not name. */
  identityOf(nodeId: string): Buffer | undefined;
}

/** Checks what every ceremony has in common: time, own place, pinned identities. Throws Refused `config`. */
export function checkMembers(order: CeremonyOrder, view: OwnView): { index: number } {
  if (order.notAfter < view.now) throw config('the ceremony is over: notAfter has passed');
  if (order.notAfter > view.now + MAX_CEREMONY_SECONDS) {
    throw config(`notAfter is more than ${MAX_CEREMONY_SECONDS} s ahead`);
  }
  for (const member of order.members) {
    const pinned = view.identityOf(member.nodeId);
    if (pinned === undefined) throw config(`${member.nodeId} is not in PEERS_FILE`);
    if (!pinned.equals(member.identityKey)) throw config(`${member.nodeId} has another pinned identity key`);
  }
  const self = order.members.find((member) => member.nodeId === view.nodeId);
  if (self === undefined) throw config('this node is not a member of the ceremony');
  if (!self.bootId.equals(view.bootId)) throw config('the order names a former process of this node');
  return { index: self.index };
}

/**
 * A key generation happens only if as many operators as the policy asks for signed exactly its parameters.
 * @throws Refused `operator` or `config`
 */
export function checkKeygenOrder(order: CeremonyOrder, policy: Policy, now: number): SessionStart {
  const command = verifyCommand('CreateKey', order, policy, now);
  const suite = SUITE_OF[command.scheme];
  const members = [...order.members].sort((a, b) => a.index - b.index);
  const ordered =
    command.participants.length === members.length &&
    command.participants.every((node, i) => members[i]?.nodeId === node && members[i]?.index === i + 1);
  if (!ordered || command.threshold !== order.threshold || order.epoch !== 0 || order.suite !== suite) {
    throw config('the ceremony differs from the command that the operators signed');
  }
  return checkedSession(order, sessionStartOf(order, { suite, parties: members.length }));
}

/**
 * Presigning (and the health check, which is a presigning of one) needs a key this node holds, in its current epoch,
 * with the members at their own indices. Throws Refused `config` or `pair-dead`.
 */
export function checkPresignOrder(
  order: CeremonyOrder,
  key: HeldKey | undefined,
  deadPeers: ReadonlySet<number>,
): SessionStart {
  if (key === undefined) throw config(`this node holds no share of key ${order.keyId}`);
  checkParties(order, key);
  const dead = order.members.find((member) => deadPeers.has(member.index));
  if (dead !== undefined) {
    throw new Refused(
      'pair-dead',
      `the pair with ${dead.nodeId} is dead in this epoch: it needs a pair re-key`,
    );
  }
  if (order.purpose === 'health') {
    if (!isEcdsaSuite(key.suite)) throw config('a Schnorr key has no pairs whose health could be checked');
    if (order.batch !== 1) throw config('a health check has a batch of 1');
  }
  return checkedSession(order, sessionStartOf(order, key));
}

/** Checks that the order is about the key in this epoch, and names its parties. Throws Refused `config`. */
export function checkParties(order: CeremonyOrder, key: HeldKey): void {
  if (order.epoch !== key.epoch || order.threshold !== key.threshold || order.suite !== key.suite) {
    throw config('epoch, threshold or suite differ from the key');
  }
  for (const { index, nodeId } of order.members) {
    if (key.members.get(index) !== nodeId) throw config(`${nodeId} is not party ${index} of the key`);
  }
}

/** The session, when its id is the one that the order has. Throws Refused `config`, and InvalidInput for its ranges. */
export function checkedSession(order: CeremonyOrder, start: SessionStart): SessionStart {
  // sessionId() checks all ranges and throws InvalidInput, which the caller maps like a Refused `config`
  if (!sessionId(start).equals(order.sessionId))
    throw config("the session id differs from this node's own view");
  return start;
}

export function config(reason: string): Refused {
  return new Refused('config', reason);
}
