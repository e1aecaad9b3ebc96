import { readFileSync } from 'node:fs';
import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition, type ServiceDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { Fatal } from '@quorate/platform';
import { type ProtoName, protoPath } from '@quorate/protocol';
import { HealthImplementation } from 'grpc-health-check';

export interface GrpcServerOptions {
  readonly host: string;
  readonly port: number;
  /** Files, PEM. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface GrpcService {
  readonly proto: ProtoName;
  /** Full name, e.g. `quorate.control.v1.Control`. */
  readonly name: string;
  readonly implementation: UntypedServiceImplementation;
}

/** A peer that is silent this long is gone: its stream ends, its work moves on. */
const KEEP_ALIVE = {
  'grpc.keepalive_time_ms': 3_000,
  'grpc.keepalive_timeout_ms': 3_000,
  'grpc.http2.min_time_between_pings_ms': 1_000,
  'grpc.http2.min_ping_interval_without_data_ms': 1_000,
  'grpc.max_receive_message_length': 8 * 1024 * 1024,
};

/** The coordinator's gRPC port: mutual TLS, its services, reflection and the standard health service. */
export class GrpcServer {
  private readonly server = new Server(KEEP_ALIVE);
  private readonly health = new HealthImplementation({ '': 'NOT_SERVING' });

  constructor(private readonly options: GrpcServerOptions) {}

  /**
   * Opens the port.
   * @returns the port, of interest when 0 was asked for
   * @throws Fatal `port-taken` that names the setting to change
   */
  async start(services: readonly GrpcService[]): Promise<number> {
    const definitions: PackageDefinition = {};
    for (const { proto, name, implementation } of services) {
      const definition = loadSync(protoPath(proto), {
        defaults: true,
        oneofs: true,
        enums: String,
        longs: String,
      });
      Object.assign(definitions, definition);
      this.server.addService(serviceOf(definition, name), implementation);
    }
    new ReflectionService(definitions).addToServer(this.server);
    this.health.addToServer(this.server);
    const { host, port, caFile, certFile, keyFile } = this.options;
    const credentials = ServerCredentials.createSsl(
      readFileSync(caFile),
      [{ private_key: readFileSync(keyFile), cert_chain: readFileSync(certFile) }],
      true,
    );
    return new Promise((resolve, reject) => {
      this.server.bindAsync(`${host}:${port}`, credentials, (error, bound) => {
        if (error === null) resolve(bound);
        else
          reject(new Fatal('port-taken', `GRPC_PORT ${port} on ${host} cannot be opened: ${error.message}`));
      });
    });
  }

  setServing(isServing: boolean): void {
    this.health.setStatus('', isServing ? 'SERVING' : 'NOT_SERVING');
  }

  stop(): void {
    this.setServing(false);
    this.server.forceShutdown();
  }
}

function serviceOf(definition: PackageDefinition, name: string): ServiceDefinition {
  const service = definition[name];
  if (service === undefined || 'format' in service) throw new Fatal('proto', `there is no service ${name}`);
  return service;
}
