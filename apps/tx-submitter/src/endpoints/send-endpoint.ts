/** An endpoint that transactions are sent to. */
import { type JsonRpcEndpoint, type SendVerdict } from '@quorate/evm';

import { type EndpointHealth, type EndpointState } from './endpoint-health';
import { type SendTarget } from './fan-out';

export abstract class SendEndpoint implements SendTarget {
  abstract readonly health: EndpointHealth;

  constructor(
    protected readonly rpc: JsonRpcEndpoint,
    protected readonly now: () => number,
  ) {}

  get name(): string {
    return this.rpc.name;
  }

  get state(): EndpointState {
    return this.health.state;
  }

  stop(): void {
    this.rpc.close();
  }

  /** Sends once. An endpoint that fails at it is doubted; one that refuses the transaction is not. */
  async send(raw: string, hash: string): Promise<SendVerdict> {
    const verdict = await this.rpc.send(raw, hash);
    if (verdict.kind === 'ambiguous' && verdict.endpointFailed)
      this.health.sendFailed(verdict.message, this.now());
    else this.health.sendSucceeded();
    this.changed();
    return verdict;
  }

  /** Called after everything that may have changed its head or its state. */
  protected abstract changed(): void;
}
