import { type ControlClient, signCommand } from '@quorate/client';
import { type Identity } from '@quorate/deployment';
import { callChain, fundOnLocalChain, LOCAL_CHAIN_ID } from '../parts/chain';
import { type Infrastructure } from '../parts/infrastructure';
import { until } from '../processes/until';
import { type DemoKey } from '../stack/stack-description';
import { type StackShape } from '../stack/stack-shape';
import { type Progress } from '../terminal/progress';
import { StartFailure } from '../terminal/start-failure';

const SCHEME = 'ecdsa-secp256k1' as const;
const NODES_TIMEOUT_MS = 60_000;
const ETHER = 10n ** 18n;
const DEMO_BALANCE = 1000n * ETHER;
const ENOUGH = ETHER / 100n;

/** The key of this threshold and these nodes that the data already holds, or a new one by key generation. */
export async function demoKey(
  control: ControlClient,
  operator: Identity,
  { nodes, threshold }: StackShape,
): Promise<DemoKey> {
  await until('the nodes', () => assertNodesReady(control, nodes), { timeoutMs: NODES_TIMEOUT_MS });
  const keys = await control.listKeys();
  const known = keys.find(
    (key) =>
      key.status === 'usable' &&
      key.scheme === SCHEME &&
      key.threshold === threshold &&
      key.participants.join() === nodes.join(),
  );
  return pickKey(known ?? (await createKey(control, operator, nodes, threshold)));
}

async function createKey(
  control: ControlClient,
  operator: Identity,
  participants: string[],
  threshold: number,
): Promise<DemoKey> {
  const disjointQuorums = 2 * threshold <= participants.length;
  const parameters = { scheme: SCHEME, threshold, participants, disjointQuorums };
  return control.createKey(
    parameters,
    signCommand({ what: 'CreateKey', ...parameters, epoch: 0 }, [operator]),
  );
}

async function assertNodesReady(control: ControlClient, nodes: string[]): Promise<void> {
  const known = await control.listNodes();
  for (const node of nodes) {
    const status = known.find(({ nodeId }) => nodeId === node);
    if (!status?.connected) throw new Error(`${node} is not connected to the coordinator`);
    if (!status.ready) throw new Error(`${node} is not ready: ${status.reason}`);
  }
}

/** Sees to it that the key's address can pay: gives it money on a local chain, waits for the user's on another. */
export async function fundAddress(
  { rpcUrls, chainId, localChain }: Infrastructure,
  address: string,
  progress: Progress,
  abandoned: () => Error | undefined,
): Promise<bigint> {
  const [url = ''] = rpcUrls;
  const balance = async () => BigInt(String(await callChain(url, 'eth_getBalance', [address, 'latest'])));
  if ((localChain || chainId === LOCAL_CHAIN_ID) && (await balance()) < DEMO_BALANCE / 2n) {
    // The user's own chain with that id may be another program than anvil: then the user is asked.
    await fundOnLocalChain(url, address, DEMO_BALANCE).catch(() => undefined);
  }
  if ((await balance()) < ENOUGH) {
    progress.note(`please send at least 0.01 ether to ${address} on chain ${chainId}: waiting for it`);
  }
  return until(
    'funds',
    async () => {
      const funds = await balance();
      if (funds < ENOUGH) throw new StartFailure('funds', `${address} has no money on chain ${chainId}`);
      return funds;
    },
    { timeoutMs: localChain ? 10_000 : 60 * 60_000, everyMs: localChain ? 50 : 2000, abandoned },
  );
}

function pickKey({
  keyId,
  scheme,
  threshold,
  participants,
  publicKey,
  chainCode,
  address,
}: DemoKey): DemoKey {
  return { keyId, scheme, threshold, participants, publicKey, chainCode, address };
}
