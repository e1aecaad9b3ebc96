import { type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { Fatal } from '../errors/errors';
import { ed25519PublicKey, kid, uniqueKids } from './public-key';
import { readJsonFile } from './watched-file';

const peerRole = z.enum(['node', 'coordinator', 'submitter', 'auditor']);
export type PeerRole = z.output<typeof peerRole>;

const peer = z.object({ kid, role: peerRole, publicKey: ed25519PublicKey });
export type Peer = z.output<typeof peer>;

const peersFile = z.object({
  peers: z.array(peer).refine(uniqueKids, { error: 'expected every kid once' }),
});

/** The pinned identities of all services (PEERS_FILE). */
export class PeerDirectory {
  private readonly peers: ReadonlyMap<string, Peer>;

  constructor(peers: readonly Peer[]) {
    this.peers = new Map(peers.map((entry) => [entry.kid, entry]));
  }

  /** @throws Fatal `file` naming what is wrong in the file. */
  static load(file: string): PeerDirectory {
    try {
      return new PeerDirectory(readJsonFile(file, peersFile).peers);
    } catch (cause) {
      throw new Fatal('file', `PEERS_FILE: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  }

  get(kid: string): Peer | undefined {
    return this.peers.get(kid);
  }

  withRole(role: PeerRole): Peer[] {
    return [...this.peers.values()].filter((entry) => entry.role === role);
  }

  /** Key lookup for `verifyRecord`, limited to the given roles (all when none is given). */
  lookup(...roles: PeerRole[]): (kid: string) => KeyObject | undefined {
    return (kid) => {
      const entry = this.peers.get(kid);
      return entry !== undefined && (roles.length === 0 || roles.includes(entry.role))
        ? entry.publicKey
        : undefined;
    };
  }
}
