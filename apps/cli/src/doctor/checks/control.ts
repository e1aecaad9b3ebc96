import { type HaltEntry } from '@quorate/client';
import { withControl } from '../../stack/connections';
import { type Stack, type StackKey } from '../../stack/stack-file';
import { broken, type Finding, finding, ok, warning } from '../finding';

/** The control plane answers the operator, the nodes are connected to it, and the key of the stack is usable. */
export function checkControl(stack: Stack): Promise<Finding[]> {
  const { address } = stack.control;
  return finding('control plane', 'check the coordinator and the files under control in stack.json', () =>
    withControl(stack, async (control) => {
      const [nodes, keys, halts] = await Promise.all([
        control.listNodes(),
        control.listKeys(),
        control.listHalts(),
      ]);
      const offline = nodes.filter(({ connected }) => !connected).map(({ nodeId }) => nodeId);
      const connected =
        offline.length === 0
          ? ok('control plane', `${address}, ${nodes.length} nodes connected`)
          : broken(
              'control plane',
              `not connected: ${offline.join(', ')}`,
              'check COORDINATORS and certificates of these nodes',
            );
      const key = keys.find(({ keyId }) => keyId === stack.key?.keyId);
      return [connected, judgeKey(stack.key, key?.status), ...halts.map(judgeHalt)];
    }),
  );
}

/** A halt is what somebody wanted, and yet nothing is signed in its scope. */
export function judgeHalt({ scope, reason, by, places }: HaltEntry): Finding {
  const option = scope === 'all' ? '' : ` --${scope.replace(':', ' ')}`;
  return warning('halt', `${scope}, by ${by}, at ${places.join(', ')}: ${reason}`, `quorate resume${option}`);
}

/** Whether the key is usable and its quorums overlap (architecture.md, Trust and keys). */
export function judgeKey(
  key: Pick<StackKey, 'keyId' | 'threshold' | 'participants'> | null,
  status: string | undefined,
): Finding {
  if (key === null) return warning('key', 'this deployment has none yet', 'quorate keys create');
  const { keyId, threshold, participants } = key;
  const quorum = `${keyId}, ${threshold} of ${participants.length}`;
  if (status !== 'usable') {
    return broken('key', `${quorum}: ${status ?? 'unknown to the coordinator'}`, 'quorate keys list');
  }
  return 2 * threshold > participants.length
    ? ok('key', quorum)
    : warning(
        'key',
        `${quorum}: two committees may share no node`,
        'use a threshold above half of the nodes, or keep in mind that nonce bindings and windows hold per node only',
      );
}
