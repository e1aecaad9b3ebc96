import { readFileSync } from 'node:fs';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { type AnyDefinition, loadSync, type ServiceDefinition } from '@grpc/proto-loader';
import { Fatal, Unavailable } from '@quorate/platform';
import { type CommandInputOf, type CommandName, protoPath } from '@quorate/protocol';
import { z } from 'zod';
import { fromServiceError } from './control-errors';
import {
  type HaltEntry,
  type HaltOutcome,
  haltOutcomeMessage,
  haltsMessage,
  type KeyFacts,
  keyMessage,
  keysMessage,
  type NodeFacts,
  nodesMessage,
  type RequestFacts,
  requestMessage,
} from './control-messages';
import { type SignedCommand } from './signed-command';

const SERVICE = 'quorate.control.v1.Control';
const nothing = z.object({});
const ANSWER_TIMEOUT_MS = 10_000;
const CEREMONY_TIMEOUT_MS = 180_000;

/** What a call repeats of the signed command, so that a coordinator can say early what differs. */
type Parameters<W extends CommandName> = Omit<CommandInputOf<W>, 'what' | 'epoch' | 'expiry' | 'nonce'>;

export interface ControlClientOptions {
  /** host:port of a coordinator. */
  readonly address: string;
  /** PEM files for mutual TLS. */
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * The control plane of a coordinator (interfaces.md, gRPC control plane). Every call throws Invalid (`not-found`,
 * `invalid-argument`, ...), Refused, Conflict, or Unavailable when the coordinator is away.
 */
export class ControlClient {
  private readonly client: Client;
  private readonly service: ServiceDefinition;

  /** @throws Fatal `tls-files` when a file cannot be read. */
  constructor(private readonly options: ControlClientOptions) {
    const secure = credentials.createSsl(
      readPem(options.caFile),
      readPem(options.keyFile),
      readPem(options.certFile),
    );
    // The certificate's name for an address, which is no server name in TLS (RFC 6066).
    this.client = new Client(options.address, secure, { 'grpc.ssl_target_name_override': 'localhost' });
    const loading = { keepCase: true, longs: String, enums: String, defaults: true, arrays: true };
    this.service = serviceOf(loadSync(protoPath('control'), loading)[SERVICE]);
  }

  /** Runs a key generation; returns when the key is usable. */
  createKey(parameters: Parameters<'CreateKey'>, signed: SignedCommand): Promise<KeyFacts> {
    return this.call('CreateKey', { ...parameters, ...signed }, keyMessage, CEREMONY_TIMEOUT_MS);
  }

  /** New shares for the same members and threshold; returns when the new epoch is usable. */
  refreshKey(keyId: string): Promise<KeyFacts> {
    return this.call('RefreshKey', { keyId }, keyMessage, CEREMONY_TIMEOUT_MS);
  }

  /** New shares for other members or another threshold; returns when the new epoch is usable. */
  reshareKey(parameters: Parameters<'ReshareKey'>, signed: SignedCommand): Promise<KeyFacts> {
    return this.call('ReshareKey', { ...parameters, ...signed }, keyMessage, CEREMONY_TIMEOUT_MS);
  }

  /** Ends a key; returns when every connected node of it has agreed. */
  retireKey(parameters: Parameters<'RetireKey'>, signed: SignedCommand): Promise<KeyFacts> {
    return this.call('RetireKey', { ...parameters, ...signed }, keyMessage);
  }

  /** Re-keys a pair that a failed check made unusable; returns when the two nodes work together again. */
  async unbanPair(parameters: Parameters<'UnbanPair'>, signed: SignedCommand): Promise<void> {
    await this.call('UnbanPair', { ...parameters, ...signed }, nothing, CEREMONY_TIMEOUT_MS);
  }

  /** Stops signing in a scope, at once; returns what the nodes said. */
  halt(parameters: Parameters<'Halt'>, signed: SignedCommand): Promise<HaltOutcome> {
    return this.call('Halt', { ...parameters, ...signed }, haltOutcomeMessage);
  }

  /** Ends halts of a scope; returns which ones, and what the nodes said. */
  resume(parameters: Parameters<'Resume'>, signed: SignedCommand): Promise<HaltOutcome> {
    return this.call('Resume', { ...parameters, ...signed }, haltOutcomeMessage);
  }

  /** What is halted now. */
  async listHalts(): Promise<HaltEntry[]> {
    return (await this.call('ListHalts', {}, haltsMessage)).halts;
  }

  /** @throws Invalid `not-found` */
  getKey(keyId: string): Promise<KeyFacts> {
    return this.call('GetKey', { keyId }, keyMessage);
  }

  async listKeys(): Promise<KeyFacts[]> {
    return (await this.call('ListKeys', {}, keysMessage)).keys;
  }

  async listNodes(): Promise<NodeFacts[]> {
    return (await this.call('ListNodes', {}, nodesMessage)).nodes;
  }

  /**
   * Where a sign request stands.
   * @param requester needed only where several requesters have used the same id
   * @throws Invalid `not-found`, Conflict `failed-precondition` when a requester must be named
   */
  getRequest(requestId: string, requester = ''): Promise<RequestFacts> {
    return this.call('GetRequest', { requestId, requester }, requestMessage);
  }

  close(): void {
    this.client.close();
  }

  private call<S extends z.ZodType>(
    name: string,
    request: object,
    answer: S,
    timeoutMs = ANSWER_TIMEOUT_MS,
  ): Promise<z.output<S>> {
    const { address } = this.options;
    const method = this.service[name];
    if (method === undefined) throw new Fatal('proto', `${SERVICE} has no method ${name}: build again`);
    const { path, requestSerialize, responseDeserialize } = method;
    const deadline = Date.now() + timeoutMs;
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, message?: object): void => {
        if (error !== null) return reject(fromServiceError(error, name, address));
        const parsed = answer.safeParse(message);
        if (parsed.success) resolve(parsed.data);
        else
          reject(
            new Unavailable('control', `${address} answers ${name} in a way this version does not know`),
          );
      };
      this.client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, { deadline }, done);
    });
  }
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Fatal('tls-files', `${file} cannot be read`, { cause });
  }
}

function serviceOf(definition: AnyDefinition | undefined): ServiceDefinition {
  if (definition === undefined || 'format' in definition) {
    throw new Fatal('proto', `${SERVICE} is not in control.proto: build again`);
  }
  return definition;
}
