import { readFileSync } from 'node:fs';
import { type AnyDefinition, loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { protoPath } from '@quorate/protocol';
import { type TlsFiles } from '../identities/certificates';
import { type DemoKey } from '../stack/stack-description';
import { StartFailure } from '../terminal/start-failure';

const SERVICE = 'quorate.control.v1.Control';

/** A node as the coordinator sees it. */
export interface NodeStatus {
  nodeId: string;
  connected: boolean;
  ready: boolean;
  reason: string;
}

export interface CreateKeyCall {
  scheme: string;
  threshold: number;
  participants: string[];
  disjointQuorums: boolean;
  /** The signed operator command: exact JSON bytes. */
  command: Buffer;
  signatures: string[];
}

/** The control-plane calls that the first start needs, over mutual TLS as the operator. */
export class ControlPlane {
  private readonly client: Client;
  private readonly service: ServiceDefinition;

  constructor(address: string, { caFile, certFile, keyFile }: TlsFiles) {
    const secure = credentials.createSsl(readFileSync(caFile), readFileSync(keyFile), readFileSync(certFile));
    // A server name for TLS: addresses are none (RFC 6066).
    this.client = new Client(address, secure, { 'grpc.ssl_target_name_override': 'localhost' });
    const options = { keepCase: true, longs: String, enums: String, defaults: true, arrays: true };
    this.service = asService(loadSync(protoPath('control'), options)[SERVICE]);
  }

  async listNodes(): Promise<NodeStatus[]> {
    const { nodes } = (await this.call('ListNodes', {}, 5000)) as { nodes: NodeStatus[] };
    return nodes;
  }

  async listKeys(): Promise<(DemoKey & { status: string })[]> {
    const { keys } = (await this.call('ListKeys', {}, 5000)) as { keys: (DemoKey & { status: string })[] };
    return keys;
  }

  /** Returns when the key is usable. */
  async createKey(call: CreateKeyCall, timeoutMs: number): Promise<DemoKey> {
    return (await this.call('CreateKey', call, timeoutMs)) as DemoKey;
  }

  close(): void {
    this.client.close();
  }

  private call(name: string, request: object, timeoutMs: number): Promise<unknown> {
    const method = this.service[name];
    if (!method) throw new Error(`${SERVICE} has no method ${name}`);
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        { deadline: Date.now() + timeoutMs },
        (error, response) => (error ? reject(asFailure(name, error)) : resolve(response)),
      );
    });
  }
}

function asFailure(call: string, { code, details }: ServiceError): StartFailure {
  return new StartFailure('control-plane', `${call}: ${details} (${status[code]})`);
}

function asService(definition: AnyDefinition | undefined): ServiceDefinition {
  if (!definition || 'format' in definition) throw new Error(`${SERVICE} is not in control.proto`);
  return definition;
}
