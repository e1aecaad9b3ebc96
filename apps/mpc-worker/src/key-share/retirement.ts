import { Refused } from '@quorate/platform';
import { streams } from '@quorate/protocol';
import { type NodeIdentity } from '../identity/node-identity';
import { type UnverifiedCommand, verifyCommand } from '../operator-command/verify-command';
import { type PolicySource } from '../policy/policy-source';
import { type Adoptions } from './adoption';
import { type KeyRing } from './key-ring';

/** Ends keys by command of the operators. */
export class Retirement {
  constructor(
    private readonly identity: NodeIdentity,
    private readonly keys: KeyRing,
    private readonly adoptions: Pick<Adoptions, 'exclusively'>,
    private readonly policy: PolicySource,
  ) {}

  /**
   * Retires the key for ever; returns its id. The command may come again: coordinators send it until this node's state
   * record shows it.
   *
   * @param now seconds since 1970
   * @throws Refused `operator`, or `config` for a key or epoch that this node does not have
   */
  async retire(signed: UnverifiedCommand, now: number): Promise<string> {
    const { keyId, epoch } = verifyCommand('RetireKey', signed, this.policy.current(), now);
    await this.adoptions.exclusively(() => this.end(keyId, epoch, signed));
    return keyId;
  }

  private async end(keyId: string, epoch: number, signed: UnverifiedCommand): Promise<void> {
    const newest = this.keys.newest(keyId);
    if (newest === undefined) throw new Refused('config', `this node has no part in key ${keyId}`);
    if (this.keys.statusOf(keyId) === 'retired') return;
    // The operators may have signed while the key went on to its next epoch.
    if (newest.epoch !== epoch && this.keys.at(keyId, epoch) === undefined) {
      throw new Refused(
        'config',
        `key ${keyId} is in epoch ${newest.epoch}, the command is for epoch ${epoch}`,
      );
    }
    const { nodeId } = this.identity;
    await this.keys.retire(newest, signed, (tx) =>
      tx.appendNext(streams.nodeKey(nodeId, keyId), [
        {
          type: 'quorate.key.retired.v1',
          data: { keyId, epoch: newest.epoch, node: nodeId },
          ...{ correlationId: keyId, causationId: keyId },
        },
      ]),
    );
  }
}
