import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ControlClient, signCommand } from '@quorate/client';
import { type StackDescription } from '../../../deploy/embedded/stack/stack-description';

/** What operators order about the key of the stack, through one coordinator. */
export class Operator {
  private readonly client: ControlClient;
  private readonly keyId: string;

  /** @param address host:port of the coordinator */
  constructor(
    private readonly description: StackDescription,
    address: string,
  ) {
    const { caFile, certFile, keyFile } = description.control;
    this.client = new ControlClient({ address, caFile, certFile, keyFile });
    this.keyId = description.key.keyId;
  }

  /** New shares for the same nodes. Resolves when they are in use; the nodes refuse it within ten minutes of the last. */
  async refresh(): Promise<void> {
    await this.client.refreshKey(this.keyId);
  }

  /** The same by the operators' command, which may be given at any time. */
  async reshare(): Promise<void> {
    const { key, control } = this.description;
    const { newestEpoch: epoch } = await this.client.getKey(key.keyId);
    const parameters = {
      keyId: key.keyId,
      participants: key.participants,
      threshold: key.threshold,
      disjointQuorums: false,
    };
    const operators = control.operators.map(({ kid, privateKeyFile }) => ({
      kid,
      privateKey: createPrivateKey(readFileSync(privateKeyFile)),
    }));
    const command = { what: 'ReshareKey', ...parameters, epoch } as const;
    await this.client.reshareKey(parameters, signCommand(command, operators));
  }

  close(): void {
    this.client.close();
  }
}
