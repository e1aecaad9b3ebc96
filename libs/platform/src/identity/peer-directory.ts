import { type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { Fatal } from '../errors/errors';
import { type Logger } from '../logging/logger';
import {
  FORMER_KEY_IN_USE,
  type FormerKey,
  formerKeys,
  formerKeysAreGone,
  IdentityKeys,
  type LogPlace,
  type VerificationKeys,
} from './identity-keys';
import { ed25519PublicKey, kid, uniqueKids } from './public-key';
import { parseJsonFile, readJsonFile, WatchedFile } from './watched-file';

const peerRole = z.enum(['node', 'coordinator', 'submitter', 'auditor']);
export type PeerRole = z.output<typeof peerRole>;

const peer = z.object({ kid, role: peerRole, publicKey: ed25519PublicKey, formerKeys });
/** An identity that is pinned: `publicKey` signs now. */
export type Peer = Omit<z.output<typeof peer>, 'formerKeys'> & { readonly formerKeys?: readonly FormerKey[] };

const peersFile = z.object({
  peers: z
    .array(peer)
    .refine(uniqueKids, { error: 'expected every kid once' })
    .refine(formerKeysAreGone, { error: FORMER_KEY_IN_USE }),
});

interface Pinned {
  readonly peer: Peer;
  readonly keys: IdentityKeys;
}

/**
 * The pinned identities of all services (PEERS_FILE). A watched one is read again on SIGHUP and when the file changes: keys
 * follow at once; who is new needs a restart of whoever reads its topics.
 */
export class PeerDirectory {
  private pinned: ReadonlyMap<string, Pinned>;
  private file: { close(): void } | undefined;

  constructor(peers: readonly Peer[]) {
    this.pinned = pinnedBy(peers);
  }

  /** As the file is now. @throws Fatal `file` naming what is wrong in the file. */
  static load(file: string): PeerDirectory {
    return inFile(() => new PeerDirectory(readJsonFile(file, peersFile).peers));
  }

  /** Follows the file until `close`. @throws Fatal `file` naming what is wrong in the file. */
  static watch(file: string, logger: Logger): PeerDirectory {
    const parse = (text: string, name: string) => parseJsonFile(text, name, peersFile).peers;
    const watched = inFile(() => new WatchedFile(file, parse, logger, true));
    const directory = new PeerDirectory(watched.current());
    directory.file = watched;
    watched.onChange((peers) => (directory.pinned = pinnedBy(peers)));
    return directory;
  }

  get(kid: string): Peer | undefined {
    return this.pinned.get(kid)?.peer;
  }

  withRole(role: PeerRole): Peer[] {
    return [...this.pinned.values()].flatMap(({ peer: entry }) => (entry.role === role ? [entry] : []));
  }

  /** Key lookup for `verifyRecord`, limited to the given roles (all when none is given): keys that count now. */
  lookup(...roles: PeerRole[]): (kid: string) => VerificationKeys | undefined {
    return (kid) => this.keysOf(kid, roles)?.at(Date.now());
  }

  /** Key lookup for entries of the audit log. */
  inLog(): (kid: string, place: LogPlace) => VerificationKeys | undefined {
    return (kid, place) => this.keysOf(kid, [])?.inLog(place);
  }

  /** Every key that the kid ever had, the present one first: for what it said before, and cannot be said against it. */
  everyKeyOf(kid: string): readonly KeyObject[] {
    return this.pinned.get(kid)?.keys.ever() ?? [];
  }

  /** Whose key it is, or was. */
  ownerOf(role: PeerRole, isKey: (key: KeyObject) => boolean): string | undefined {
    return this.withRole(role).find(({ kid: own }) => this.everyKeyOf(own).some(isKey))?.kid;
  }

  close(): void {
    this.file?.close();
  }

  private keysOf(kid: string, roles: readonly PeerRole[]): IdentityKeys | undefined {
    const found = this.pinned.get(kid);
    const counts = found !== undefined && (roles.length === 0 || roles.includes(found.peer.role));
    return counts ? found.keys : undefined;
  }
}

function pinnedBy(peers: readonly Peer[]): ReadonlyMap<string, Pinned> {
  return new Map(
    peers.map((entry) => [
      entry.kid,
      { peer: entry, keys: new IdentityKeys(entry.publicKey, entry.formerKeys) },
    ]),
  );
}

function inFile<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Fatal('file', `PEERS_FILE: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
