/** Takes a node out of its keys and gives them back to it: so it gets an identity of its own again (docs/rotation.md). */
import { type KeyFacts } from '@quorate/client';
import { CommandFailure, EXIT } from '../exit-code';
import { signAsOperators } from '../keys/operators';
import { withControl } from '../stack/connections';
import { type Stack } from '../stack/stack-file';
import { type HeldKey } from './rotation';

/**
 * The keys that the node holds shares of.
 * @throws CommandFailure `no-spare-member` when one of them needs all its members
 */
export function keysOf(node: string, stack: () => Stack): Promise<HeldKey[]> {
  return withControl(stack(), async (control) => {
    const keys = (await control.listKeys()).filter(
      ({ status, participants }) => status === 'usable' && participants.includes(node),
    );
    for (const { keyId, threshold, participants } of keys) {
      if (participants.length > threshold && participants.length > 2) continue;
      throw new CommandFailure(
        EXIT.failure,
        'no-spare-member',
        `${keyId} needs all its ${participants.length} members, so ${node} cannot leave it for a moment: ` +
          `add a node to it (quorate keys reshare ${keyId} --nodes ...), or rotate without identity`,
      );
    }
    return keys.map(({ keyId, participants }) => ({ keyId, participants }));
  });
}

/** Resolves when none of the keys has a share of the node any more. */
export async function leave(node: string, keys: readonly HeldKey[], stack: () => Stack): Promise<void> {
  for (const { keyId, participants } of keys) {
    await reshare(
      keyId,
      participants.filter((member) => member !== node),
      stack(),
    );
  }
}

/** Resolves when all keys are as they were before `leave`. */
export async function comeBack(keys: readonly HeldKey[], stack: () => Stack): Promise<void> {
  for (const { keyId, participants } of keys) await reshare(keyId, participants, stack());
}

async function reshare(keyId: string, participants: readonly string[], stack: Stack): Promise<void> {
  await withControl(stack, async (control) => {
    const key = await control.getKey(keyId);
    if (key.status !== 'usable' || isSameSet(key, participants)) return;
    const { threshold, newestEpoch: epoch } = key;
    const parameters = {
      ...{ keyId, threshold, participants: [...participants] },
      disjointQuorums: 2 * threshold <= participants.length,
    };
    await control.reshareKey(
      parameters,
      signAsOperators(stack, { what: 'ReshareKey', ...parameters, epoch }),
    );
  });
}

function isSameSet({ participants }: KeyFacts, others: readonly string[]): boolean {
  return participants.length === others.length && participants.every((node) => others.includes(node));
}
