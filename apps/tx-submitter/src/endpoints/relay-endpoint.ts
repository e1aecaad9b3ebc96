/** An endpoint that transactions are sent to and nothing is read from, such as a private relay. */
import { type JsonRpcEndpoint, type SendVerdict } from '@quorate/evm';

import { EndpointHealth } from './endpoint-health';
import { SendEndpoint } from './send-endpoint';

export interface RelayEndpointParts {
  rpc: JsonRpcEndpoint;
  chainId: bigint;
  now: () => number;
  onChange: (endpoint: RelayEndpoint) => void;
}

export class RelayEndpoint extends SendEndpoint {
  readonly health = new EndpointHealth(true);

  constructor(private readonly parts: RelayEndpointParts) {
    super(parts.rpc, parts.now);
  }

  /** Asks which chain it serves; many relays answer nothing but sends, and are taken at their word. */
  async start(): Promise<void> {
    const { chainId } = this.parts;
    const served = await this.rpc.chainId().catch(() => chainId);
    if (served === chainId) this.health.identified();
    else this.health.misidentified(`it serves chain ${served}, not ${chainId}`, this.now());
    this.changed();
  }

  override async send(raw: string, hash: string): Promise<SendVerdict> {
    if (this.health.needsIdentity) await this.start();
    if (this.state === 'wrong-chain')
      return { kind: 'rejected', reason: 'wrong-chain', message: this.health.reason };
    return super.send(raw, hash);
  }

  protected changed(): void {
    this.parts.onChange(this);
  }
}
