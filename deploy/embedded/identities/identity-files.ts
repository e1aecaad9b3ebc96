import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Identity,
  keptFile,
  keptIdentity,
  keptSealKey,
  operatorEntry,
  peerEntry,
  policyTemplate,
  prettyJson,
  requesterEntry,
  writeWhole,
} from '@quorate/deployment';
import { ed25519Jwk, type PeerRole, readJsonFile } from '@quorate/platform';
import { z } from 'zod';
import { type StackFolders } from '../files/stack-folders';
import {
  AUDITOR,
  DEMO_REQUESTER,
  OPERATOR,
  serviceKids,
  type StackShape,
  SUBMITTER,
} from '../stack/stack-shape';

/** Everything that says who is who, as files (absolute paths) that the services read. */
export interface IdentityFiles {
  identities: Map<string, Identity>;
  peers: string;
  requesters: string;
  /** POLICY_FILE by node. */
  policies: Map<string, string>;
  /** SEAL_KEY_FILE by node. */
  sealKeys: Map<string, string>;
}

/**
 * Makes what is missing and keeps what is there: identities, seal keys, requesters and policies (which the user may
 * edit). PEERS_FILE follows the shape of the stack.
 * @param chainId decimal, the chain that the demo requester may use
 */
export function prepareIdentities(folders: StackFolders, shape: StackShape, chainId: string): IdentityFiles {
  const identity = (kid: string) => keptIdentity(kid, join(folders.data, 'identities', `${kid}.pem`));
  const services = serviceKids(shape).map(identity);
  const [operator, demo, submitter] = [identity(OPERATOR), identity(DEMO_REQUESTER), identity(SUBMITTER)];
  const config = (name: string) => join(folders.data, 'config', name);

  const peers = config('peers.json');
  const known = pinnedEntries(peers);
  writeWhole(
    peers,
    prettyJson({
      peers: services.map((peer) => keptEntry(peer, known) ?? peerEntry(peer, roleOf(peer.kid))),
    }),
  );
  const requesters = config('requesters.json');
  keptFile(requesters, () =>
    prettyJson({
      requesters: [requesterEntry(demo, 'client'), requesterEntry(submitter, 'submitter')],
      operators: [operatorEntry(operator)],
    }),
  );
  const policy = () =>
    prettyJson(
      policyTemplate({ operators: [operator], clients: [demo], submitters: [submitter] }, chainId, 'open'),
    );
  return {
    identities: new Map([...services, operator, demo].map((party) => [party.kid, party])),
    peers,
    requesters,
    policies: new Map(
      shape.nodes.map((node) => {
        const file = config(`policy-${node}.json`);
        keptFile(file, policy);
        return [node, file];
      }),
    ),
    sealKeys: new Map(
      shape.nodes.map((node) => {
        const file = join(folders.data, 'seal-keys', `${node}.hex`);
        keptSealKey(file);
        return [node, file];
      }),
    ),
  };
}

const pinnedEntry = z.looseObject({
  kid: z.string(),
  publicKey: ed25519Jwk,
  formerKeys: z.array(z.looseObject({ publicKey: ed25519Jwk })).optional(),
});
type PinnedEntry = z.output<typeof pinnedEntry>;

function pinnedEntries(peers: string): PinnedEntry[] {
  if (!existsSync(peers)) return [];
  return readJsonFile(peers, z.object({ peers: z.array(pinnedEntry) })).peers;
}

/** The entry that knows the party's key, be it as the one before the next: a rotation may be under way. */
function keptEntry({ kid, publicKey }: Identity, entries: readonly PinnedEntry[]): PinnedEntry | undefined {
  return entries.find(
    (entry) =>
      entry.kid === kid &&
      [entry, ...(entry.formerKeys ?? [])].some((pinned) => pinned.publicKey.x === publicKey.x),
  );
}

function roleOf(kid: string): PeerRole {
  if (kid === SUBMITTER || kid === AUDITOR) return kid;
  return kid.startsWith('node-') ? 'node' : 'coordinator';
}
