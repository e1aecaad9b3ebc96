/** An endpoint that transactions are sent to and nothing is read from, such as a private relay. */
import { type JsonRpcEndpoint, type SendVerdict } from '@quorate/evm';

import { EndpointHealth, type EndpointState } from './endpoint-health';
import { type SendTarget } from './fan-out';

export interface RelayEndpointParts {
  rpc: JsonRpcEndpoint;
  chainId: bigint;
  now: () => number;
  onChange: (endpoint: RelayEndpoint) => void;
}

export class RelayEndpoint implements SendTarget {
  readonly health = new EndpointHealth(true);

  constructor(private readonly parts: RelayEndpointParts) {}

  get name(): string {
    return this.parts.rpc.name;
  }

  get state(): EndpointState {
    return this.health.state;
  }

  /** Asks which chain it serves; many relays answer nothing but sends, and are taken at their word. */
  async start(): Promise<void> {
    const { rpc, chainId, now, onChange } = this.parts;
    const served = await rpc.chainId().catch(() => chainId);
    if (served === chainId) this.health.identified();
    else this.health.misidentified(`it serves chain ${served}, not ${chainId}`, now());
    onChange(this);
  }

  stop(): void {
    this.parts.rpc.close();
  }

  async send(raw: string, hash: string): Promise<SendVerdict> {
    if (this.health.needsIdentity) await this.start();
    if (this.state === 'wrong-chain')
      return { kind: 'rejected', reason: 'wrong-chain', message: this.health.reason };
    const verdict = await this.parts.rpc.send(raw, hash);
    if (verdict.kind === 'ambiguous' && verdict.endpointFailed)
      this.health.sendFailed(verdict.message, this.parts.now());
    else this.health.sendSucceeded();
    this.parts.onChange(this);
    return verdict;
  }
}
