/**
 * The keys that shares are encrypted to: one of each receiver for each dealer (specification section 3 has one per receiver).
 *
 * A complaint publishes ek*E for the E of the accused dealer. Under one key of the receiver for all dealers that is an oracle:
 * a dealer who sends the E of another one, or E + x*G, and garbage has the victim publish what opens the other dealer's share.
 * In key generation nothing comes of it, for the session is dead; in a reshare the polynomials hold the shares of the old
 * epoch, and one dishonest dealer would collect enough of them for the key. A key for one dealer alone opens nothing else.
 */
import { type ByteReader } from '../byte-reader';
import { type Group } from '../group/group';
import { type Point } from '../group/point';
import { type HashInput } from '../hash';
import { type DealingContext, type DealingRoles } from './context';
import { hashList } from './hash-list';
import { mapParties } from './party-map';

/** EK_mi by receiver m, then dealer i. */
export type ComplaintKeys = ReadonlyMap<number, ReadonlyMap<number, Point>>;

/** ek_mi of this receiver m by dealer i, secret. */
export type ComplaintSecrets = ReadonlyMap<number, Buffer>;

type DealersAndGroup = Pick<DealingRoles, 'dealers' | 'group'>;

/** Fresh ek_mi for every dealer but the receiver itself, owned by the context. */
export function drawComplaintSecrets(context: DealingContext): ComplaintSecrets {
  const { group, index, random, secrets } = context;
  return mapParties(dealersTo(context, index), () => secrets.own(group.randomScalar(random)));
}

/** EK_mi for each dealer i but m, ascending, as round 1 of m carries them. */
export function complaintKeysOf(group: Group, secrets: ComplaintSecrets): Map<number, Point> {
  return new Map([...secrets].map(([dealer, secret]) => [dealer, group.multiplyBase(secret)]));
}

/** Length of the keys of a receiver. */
export function complaintKeysBytes(roles: DealersAndGroup, receiver: number): number {
  return dealersTo(roles, receiver).length * roles.group.pointBytes;
}

/** `undefined` for an invalid point. */
export function takeComplaintKeys(
  roles: DealersAndGroup,
  reader: ByteReader,
  receiver: number,
): Map<number, Point> | undefined {
  const keys = new Map<number, Point>();
  for (const dealer of dealersTo(roles, receiver)) {
    const key = roles.group.parsePoint(reader.take(roles.group.pointBytes));
    if (!key) return undefined;
    keys.set(dealer, key);
  }
  return keys;
}

/** The keys of one receiver as an element of a list in a hash. */
export function hashedComplaintKeys(keys: ReadonlyMap<number, Point>): HashInput[] {
  return hashList(keys, (key) => [key]);
}

function dealersTo({ dealers }: Pick<DealingRoles, 'dealers'>, receiver: number): number[] {
  return dealers.filter((dealer) => dealer !== receiver);
}
