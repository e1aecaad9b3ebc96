import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { identityJwk } from '@quorate/platform';
import { type RecordSigner, recordSigner } from '@quorate/protocol';

/** Identities for one test: signers in memory, and the files that a submitter reads. */
export interface TestIdentities {
  signer(kid: string): RecordSigner;
  files: { identityKey: string; peers: string; requesters: string };
}

const peers = [
  { kid: 'node-1', role: 'node' },
  { kid: 'node-2', role: 'node' },
  { kid: 'coordinator-1', role: 'coordinator' },
  { kid: 'submitter', role: 'submitter' },
];
const clients = ['alice', 'bob'];

/** Makes keys and writes the files into `folder`. */
export function createTestIdentities(folder: string): TestIdentities {
  const keys = new Map<string, KeyObject>();
  for (const kid of [...peers.map((peer) => peer.kid), ...clients]) {
    keys.set(kid, generateKeyPairSync('ed25519').privateKey);
  }
  const keyOf = (kid: string): KeyObject => {
    const key = keys.get(kid);
    if (key === undefined) throw new Error(`no test identity ${kid}`);
    return key;
  };
  const files = {
    identityKey: join(folder, 'submitter.pem'),
    peers: join(folder, 'peers.json'),
    requesters: join(folder, 'requesters.json'),
  };
  writeFileSync(files.identityKey, keyOf('submitter').export({ type: 'pkcs8', format: 'pem' }), {
    mode: 0o600,
  });
  const publicKey = (kid: string) => identityJwk(keyOf(kid));
  writeFileSync(
    files.peers,
    JSON.stringify({ peers: peers.map((peer) => ({ ...peer, publicKey: publicKey(peer.kid) })) }),
  );
  const requesters = clients.map((kid) => ({ kid, role: 'client', publicKey: publicKey(kid) }));
  writeFileSync(files.requesters, JSON.stringify({ requesters, operators: [] }));
  return { signer: (kid) => recordSigner(kid, keyOf(kid)), files };
}
