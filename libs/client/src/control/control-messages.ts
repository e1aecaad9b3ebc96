import { z } from 'zod';

/** What is public about a threshold key, as the control plane tells it. Bytes are lowercase 0x-hex. */
export const keyMessage = z.object({
  keyId: z.string(),
  scheme: z.string(),
  /** usable, retired */
  status: z.string(),
  epoch: z.number(),
  threshold: z.number(),
  participants: z.array(z.string()),
  publicKey: z.string(),
  chainCode: z.string(),
  /** Empty for Schnorr keys. */
  address: z.string(),
  createdAt: z.string(),
  /** Presignatures in stock, over all committees. */
  stock: z.number(),
  /** RFC 3339 UTC. */
  sharesMadeAt: z.string(),
  /** RFC 3339 UTC; empty when the key is refreshed on command only. */
  nextRefreshAt: z.string(),
  /** The refresh or reshare under way, and what it waits for; empty when there is none. */
  change: z.string(),
  /** Of a retired key: nodes that have not confirmed its end yet. */
  unconfirmed: z.array(z.string()),
  /** The epoch that operators' commands name: above `epoch` for a while, when new shares are tried out. */
  newestEpoch: z.number(),
  /** Why it does not sign now, by a halt; empty when it may. */
  halted: z.string(),
});
export type KeyFacts = z.output<typeof keyMessage>;

export const keysMessage = z.object({ keys: z.array(keyMessage) });

/** A node as the coordinator sees it. */
export const nodeMessage = z.object({
  nodeId: z.string(),
  connected: z.boolean(),
  ready: z.boolean(),
  reason: z.string(),
  version: z.string(),
  bootId: z.string(),
  lastSeen: z.string(),
  ledgerCount: z.string(),
  policyHash: z.string(),
  /** Others do its work where they can. */
  suspected: z.boolean(),
  suspectedSince: z.string(),
  /** Its last fault, when it is suspected or avoided. */
  suspicion: z.string(),
  /** Nodes that it does not work with any more, after a failed check. */
  deadPairs: z.array(z.object({ keyId: z.string(), epoch: z.number(), peer: z.string() })),
  /** The scopes in which this node does not sign. */
  halts: z.array(z.string()),
});
export type NodeFacts = z.output<typeof nodeMessage>;

export const nodesMessage = z.object({ nodes: z.array(nodeMessage) });

/** What came of a halt or resume: the halts concerned, and what each node said within two seconds. */
export const haltOutcomeMessage = z.object({
  halts: z.array(z.string()),
  nodes: z.array(
    z.object({
      nodeId: z.string(),
      /** confirmed, refused, silent, not-connected */
      state: z.string(),
      reason: z.string(),
    }),
  ),
});
export type HaltOutcome = z.output<typeof haltOutcomeMessage>;

/** Halts in force, and where: `coordinators` and the nodes that report them. */
export const haltsMessage = z.object({
  halts: z.array(
    z.object({
      haltId: z.string(),
      scope: z.string(),
      reason: z.string(),
      by: z.string(),
      places: z.array(z.string()),
    }),
  ),
});
export type HaltEntry = z.output<typeof haltsMessage>['halts'][number];

/** Where a sign request stands. */
export const requestMessage = z.object({
  requester: z.string(),
  requestId: z.string(),
  requestHash: z.string(),
  keyId: z.string(),
  /** open, completed, rejected */
  status: z.string(),
  attempt: z.number(),
  committee: z.array(z.string()),
  acceptedAt: z.string(),
  endedAt: z.string(),
  /** The value of the final record; empty while the request is open. */
  outcome: z.instanceof(Uint8Array),
  outcomeJws: z.string(),
});
export type RequestFacts = z.output<typeof requestMessage>;
