import { Refused } from '@quorate/platform';
import { type Policy } from '@quorate/policy';
import { type Certificate, encodeCertificate, groupOf, type ReshareStart } from '@quorate/threshold';
import { type KeyEpoch } from '../key-share/key-epoch';
import { verifyCommand } from '../operator-command/verify-command';
import { type CeremonyOrder, hasCommand, sessionStartOf } from './ceremony-order';
import { checkedSession, config } from './check-order';

/**
 * How far an epoch number may be above the last one: attempts use numbers up, and a liar must not use up all of them. For
 * operators it is further, so that they can go on after a coordinator that used up what it may.
 */
const MAX_EPOCH_STEP = 10_000;
const MAX_REFRESH_STEP = 1_000;

/**
 * A certificate contains those of all epochs before, and a key record of 640 KiB must hold it in base64. Refreshes end
 * first, so that a coordinator that refreshes without need cannot keep operators from a reshare.
 */
const MAX_CERTIFICATE_BYTES = 448 * 1024;
const MAX_REFRESHED_BYTES = 384 * 1024;

/** What this node knows of the key by itself. */
export interface KnownKey {
  /** The newest certified epoch. */
  readonly newest: KeyEpoch | undefined;
  readonly isRetired: boolean;
  /** The highest number that this node ever confirmed for the key. */
  readonly lastEpoch: number;
}

/**
 * A reshare deals the newest epoch that this node knows, to whom the operators' command names, or as a refresh to its
 * parties at its threshold (threshold-ecdsa.md 13).
 *
 * @param now seconds since 1970
 * @throws Refused `operator` or `config`
 */
export function checkReshareOrder(
  order: CeremonyOrder,
  { newest, isRetired, lastEpoch }: KnownKey,
  policy: Policy,
  now: number,
): ReshareStart {
  if (isRetired) throw config(`key ${order.keyId} is retired`);
  if (newest === undefined) throw config(`this node knows no certificate of key ${order.keyId}`);
  if (
    order.suite !== newest.suite ||
    order.oldEpoch !== newest.epoch ||
    order.threshold !== newest.threshold
  ) {
    throw config(`key ${order.keyId} is in epoch ${newest.epoch}: suite, old epoch or threshold differ`);
  }
  if (order.epoch <= lastEpoch) throw config(`epoch ${order.epoch} is used up`);
  const step = hasCommand(order) ? MAX_EPOCH_STEP : MAX_REFRESH_STEP;
  if (order.epoch > lastEpoch + step) throw config(`epoch ${order.epoch} is too far ahead`);
  checkIndices(order, newest);
  if (hasCommand(order)) checkCommand(order, newest, policy, now);
  else checkRefresh(order, newest);
  checkSize(order, newest);
  const start = checkedSession(order, sessionStartOf(order, newest));
  if (start.purpose !== 'reshare') throw config('the purpose is not reshare');
  return start;
}

/** Who was a party in any epoch keeps its index for ever; the others get the next ones. */
function checkIndices(order: CeremonyOrder, newest: KeyEpoch): void {
  const ownerOf = indicesOf(newest.certificate);
  for (const { index, identityKey, nodeId } of order.members) {
    const owner = ownerOf.get(index);
    if (owner !== undefined && !owner.equals(identityKey)) throw config(`party ${index} was never ${nodeId}`);
    const isParty = [...ownerOf.values()].some((known) => known.equals(identityKey));
    if (owner === undefined && isParty) throw config(`${nodeId} has another index in this key`);
    if (order.dealers.includes(index) && newest.members.get(index) !== nodeId) {
      throw config(`${nodeId} has no share to deal`);
    }
  }
}

function checkCommand(order: CeremonyOrder, newest: KeyEpoch, policy: Policy, now: number): void {
  const command = verifyCommand('ReshareKey', order, policy, now);
  const receivers = order.members.filter(({ index }) => order.receivers.includes(index));
  const isSame =
    command.keyId === order.keyId &&
    command.epoch === order.oldEpoch &&
    command.threshold === order.newThreshold &&
    command.participants.length === receivers.length &&
    receivers.every(({ nodeId }) => command.participants.some((node) => node === nodeId));
  if (!isSame) throw config('the ceremony differs from the command that the operators signed');
  const { minimumThreshold } = policy.reshare;
  if (order.newThreshold < minimumThreshold) {
    throw config(`this node's policy allows no threshold below ${minimumThreshold}`);
  }
  const used = indicesOf(newest.certificate);
  const isKnown = (node: string) => receivers.some(({ nodeId, index }) => nodeId === node && used.has(index));
  const joining = command.participants.filter((node) => !isKnown(node));
  const next = Math.max(...used.keys()) + 1;
  for (const [k, node] of joining.entries()) {
    if (receivers.find(({ nodeId }) => nodeId === node)?.index !== next + k) {
      throw config(`${node} joins the key as party ${next + k}`);
    }
  }
}

function checkRefresh({ dealers, receivers, newThreshold }: CeremonyOrder, newest: KeyEpoch): void {
  const parties = [...newest.members.keys()].sort((a, b) => a - b).join();
  const isRefresh =
    newThreshold === newest.threshold &&
    [dealers, receivers].every((list) => [...list].sort((a, b) => a - b).join() === parties);
  if (!isRefresh) {
    throw new Refused(
      'operator',
      'a reshare to other parties or another threshold needs a command of operators',
    );
  }
}

/** Of the certificate that would come out (certificate-codec of libs/threshold). */
function checkSize(order: CeremonyOrder, { certificate, suite }: KeyEpoch): void {
  const party = 2 + 32 + groupOf(suite).pointBytes;
  const added =
    4 +
    1 +
    1 +
    order.receivers.length * party +
    1 +
    order.dealers.length * 2 +
    3 * 32 +
    order.members.length * 64;
  const limit = hasCommand(order) ? MAX_CERTIFICATE_BYTES : MAX_REFRESHED_BYTES;
  if (encodeCertificate(certificate).length + added > limit) {
    throw config('the certificate of the key has no room for another epoch: generate a new key');
  }
}

/** Identity keys of all parties of all epochs, by index. */
function indicesOf(certificate: Certificate): Map<number, Buffer> {
  const owners = new Map<number, Buffer>();
  for (let link: Certificate | undefined = certificate; link; link = link.previous) {
    for (const [index, identityKey] of link.identities) owners.set(index, identityKey);
  }
  return owners;
}
