import { type Policy } from '@quorate/policy';
import { isEcdsaSuite, type SessionStart } from '@quorate/threshold';
import { type HeldKey } from '../key-share/held-key';
import { verifyCommand } from '../operator-command/verify-command';
import { type CeremonyOrder, sessionStartOf } from './ceremony-order';
import { checkedSession, checkParties, config } from './check-order';

/**
 * A pair is re-keyed when operators ordered exactly that (threshold-ecdsa.md 9).
 *
 * @param now seconds since 1970
 * @throws Refused `operator` or `config`
 */
export function checkRekeyOrder(
  order: CeremonyOrder,
  key: HeldKey | undefined,
  policy: Policy,
  now: number,
): { readonly start: SessionStart; readonly peer: number } {
  if (key === undefined) throw config(`this node holds no share of key ${order.keyId}`);
  if (!isEcdsaSuite(key.suite)) throw config('a Schnorr key has no pairs');
  checkParties(order, key);
  const command = verifyCommand('UnbanPair', order, policy, now);
  const pair = order.members.map(({ nodeId }) => nodeId).sort();
  const isSame =
    command.keyId === order.keyId &&
    command.epoch === order.epoch &&
    pair.join() === [command.firstNode, command.secondNode].sort().join();
  if (!isSame) throw config('the ceremony differs from the command that the operators signed');
  const [peer] = order.members.map(({ index }) => index).filter((index) => index !== key.index);
  if (peer === undefined) throw config('a pair has two members');
  return { start: checkedSession(order, sessionStartOf(order, key)), peer };
}
