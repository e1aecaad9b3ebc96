/** Who deals and who receives new shares of a key (threshold-ecdsa.md 13). Pure. */
import { type Member } from '../ceremony/ceremony-order';
import { identitiesEver, type Membership } from './published-certificate';

export interface ReshareSituation {
  /** The certificate of the present epoch. */
  readonly certificate: Membership;
  /** Who shall hold the key, in the order of the operators' command. */
  readonly participants: readonly string[];
  /** The pinned identity key of a node, hex; undefined for a node that PEERS_FILE does not name. */
  readonly identityOf: (node: string) => string | undefined;
  /** The node with this identity key. */
  readonly nodeOf: (identity: string) => string | undefined;
  /** Whether the node takes new work. */
  readonly isReady: (node: string) => boolean;
}

export type ResharePlan =
  | {
      readonly kind: 'ready';
      /** O and N together, ascending. */
      readonly members: readonly Member[];
      /** O, ascending. */
      readonly dealers: readonly number[];
      /** N, ascending. */
      readonly receivers: readonly number[];
    }
  /** Possible when other nodes are there. */
  | { readonly kind: 'postponed'; readonly reason: string }
  | { readonly kind: 'impossible'; readonly reason: string };

/**
 * A refresh is dealt by all members; where members or threshold change, t of them deal: those that stay first, because
 * they take part anyway. A node that was ever a party keeps its index, a new one gets the next above all ever used.
 */
export function planReshare(situation: ReshareSituation, isRefresh: boolean): ResharePlan {
  const { certificate, identityOf, nodeOf, isReady } = situation;
  const receivers = placeReceivers(situation);
  if ('impossible' in receivers) return { kind: 'impossible', reason: receivers.impossible };
  const away = receivers.placed.filter(({ node }) => !isReady(node)).map(({ node }) => node);
  if (away.length > 0) return { kind: 'postponed', reason: `not ready: ${away.join(', ')}` };
  const receiving = new Set(receivers.placed.map(({ index }) => index));
  const old = [...certificate.identities].map(([index, identity]) => ({
    index,
    node: nodeOf(identity.toString('hex')),
  }));
  const present = old.flatMap(({ index, node }) =>
    node !== undefined && identityOf(node) !== undefined && isReady(node) ? [{ index, node }] : [],
  );
  const rank = ({ index }: Member) => (receiving.has(index) ? 0 : 1);
  const able = present.sort((a, b) => rank(a) - rank(b) || a.index - b.index);
  const needed = isRefresh ? old.length : certificate.threshold;
  if (able.length < needed) {
    const reason = `${able.length} of ${certificate.identities.size} present members are ready; ${needed} must deal`;
    return { kind: 'postponed', reason };
  }
  const dealers = able.slice(0, needed);
  const members = [...receivers.placed, ...dealers.filter(({ index }) => !receiving.has(index))];
  return {
    kind: 'ready',
    members: members.sort(byIndex),
    dealers: dealers.map(({ index }) => index).sort(ascending),
    receivers: [...receiving].sort(ascending),
  };
}

function placeReceivers({ certificate, participants, identityOf }: ReshareSituation):
  | { placed: Member[] }
  | {
      impossible: string;
    } {
  const ever = identitiesEver(certificate);
  const indices = new Map([...ever].map(([index, identity]) => [identity, index]));
  let highest = Math.max(...ever.keys());
  const placed: Member[] = [];
  for (const node of participants) {
    const identity = identityOf(node);
    if (identity === undefined) return { impossible: `no such node: ${node}` };
    const index = indices.get(identity) ?? ++highest;
    placed.push({ node, index });
  }
  return { placed };
}

function byIndex(a: Member, b: Member): number {
  return a.index - b.index;
}

function ascending(a: number, b: number): number {
  return a - b;
}
