import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Ed25519Jwk, identityJwk } from '@quorate/platform';
import { keptFile, prettyJson, writeWhole } from '../files/kept-file';
import { type StackFolders } from '../files/stack-folders';
import {
  AUDITOR,
  DEMO_REQUESTER,
  OPERATOR,
  serviceKids,
  type StackShape,
  SUBMITTER,
} from '../stack/stack-shape';

/** A party of the stack: its private key's file (PKCS#8 PEM, mode 0600) and its public key. */
export interface Identity {
  kid: string;
  privateKeyFile: string;
  privateKey: KeyObject;
  publicKey: Ed25519Jwk;
}

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
  const kids = [...serviceKids(shape), OPERATOR, DEMO_REQUESTER];
  const identities = new Map(kids.map((kid) => [kid, keptIdentity(folders, kid)]));
  const jwk = (kid: string) => identities.get(kid)?.publicKey;
  const peers = join(folders.data, 'config', 'peers.json');
  writeWhole(
    peers,
    prettyJson({ peers: serviceKids(shape).map((kid) => ({ kid, role: roleOf(kid), publicKey: jwk(kid) })) }),
  );

  const requesters = join(folders.data, 'config', 'requesters.json');
  keptFile(requesters, () =>
    prettyJson({
      requesters: [
        { kid: DEMO_REQUESTER, role: 'client', publicKey: jwk(DEMO_REQUESTER) },
        { kid: SUBMITTER, role: 'submitter', publicKey: jwk(SUBMITTER) },
      ],
      operators: [{ kid: OPERATOR, publicKey: jwk(OPERATOR) }],
    }),
  );
  return {
    identities,
    peers,
    requesters,
    policies: new Map(
      shape.nodes.map((node) => {
        const file = join(folders.data, 'config', `policy-${node}.json`);
        keptFile(file, () => prettyJson(demoPolicy(jwk, chainId)));
        return [node, file];
      }),
    ),
    sealKeys: new Map(
      shape.nodes.map((node) => {
        const file = join(folders.data, 'seal-keys', `${node}.hex`);
        keptFile(file, () => randomBytes(32).toString('hex'), { secret: true });
        return [node, file];
      }),
    ),
  };
}

function keptIdentity(folders: StackFolders, kid: string): Identity {
  const privateKeyFile = join(folders.data, 'identities', `${kid}.pem`);
  const create = () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  };
  const privateKey = createPrivateKey(keptFile(privateKeyFile, create, { secret: true }));
  return { kid, privateKeyFile, privateKey, publicKey: identityJwk(privateKey) };
}

function roleOf(kid: string): string {
  return kid === SUBMITTER || kid === AUDITOR ? kid : kid.replace(/-\d+$/, '');
}

/** Cancelling transactions of the demo: up to 1000 gwei of gas price. */
const DEMO_CANCEL = { maxFeePerGas: '1000000000000', gasLimit: '21000', perHour: 600 };

/** What a node allows the demo requester: everything but raw digests, on the local chain. */
function demoPolicy(jwk: (kid: string) => Ed25519Jwk | undefined, chainId: string) {
  return {
    version: 1,
    operators: { required: 1, keys: [{ kid: OPERATOR, publicKey: jwk(OPERATOR) }] },
    requesters: [
      {
        kid: DEMO_REQUESTER,
        role: 'client',
        publicKey: jwk(DEMO_REQUESTER),
        keys: ['*'],
        paths: ['*'],
        payloadKinds: ['evm-transaction', 'eip191', 'eip712', 'bytes', 'evm-intent'],
        chains: [chainId],
        rawDigests: false,
        transactions: { [chainId]: { contractCreation: true } },
      },
      { kid: SUBMITTER, role: 'submitter', publicKey: jwk(SUBMITTER), cancel: DEMO_CANCEL },
    ],
  };
}
