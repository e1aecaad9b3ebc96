/** The keys as their nodes publish them. No single node is believed. */
import { type Logger } from '@quorate/platform';
import { type KeyState } from '@quorate/protocol';

import { type KeyRegister, type KnownKey } from '../ports/key-register.port';

interface Claim {
  facts: KnownKey;
  threshold: number;
  /** The nodes of the key that published exactly these facts. */
  nodes: Set<string>;
}

export class PublishedKeys implements KeyRegister {
  private readonly claims = new Map<string, Map<string, Claim>>();

  constructor(private readonly logger: Logger) {}

  /** Takes a verified key record of a node; what names other participants or facts is a claim of its own. */
  learn(node: string, record: KeyState): void {
    if (!record.participants.some((participant) => participant === node)) return;
    const { keyId, scheme, publicKey, chainCode, threshold, participants } = record;
    const claims = this.claims.get(keyId) ?? new Map<string, Claim>();
    this.claims.set(keyId, claims);
    const identity = JSON.stringify([scheme, publicKey, chainCode, threshold, participants]);
    const facts = { scheme, publicKey, chainCode };
    const claim = claims.get(identity) ?? { facts, threshold, nodes: new Set() };
    claims.set(identity, claim);
    claim.nodes.add(node);
    const publicKeys = new Set([...claims.values()].map((other) => other.facts.publicKey));
    if (publicKeys.size > 1)
      this.logger.error({ keyId, node }, 'nodes publish different facts about one key');
  }

  find(keyId: string): KnownKey | undefined {
    const claims = [...(this.claims.get(keyId)?.values() ?? [])];
    // Two at least: a claim of threshold 1 would let one node invent a key.
    const agreed = claims.filter(({ threshold, nodes }) => nodes.size >= Math.max(2, threshold));
    const [first] = agreed;
    if (first === undefined) return undefined;
    const { publicKey, chainCode } = first.facts;
    const contradicted = agreed.some(
      ({ facts }) => facts.publicKey !== publicKey || facts.chainCode !== chainCode,
    );
    return contradicted ? undefined : first.facts;
  }
}
