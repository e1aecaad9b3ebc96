import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ed25519Jwk, Invalid, readJsonFile } from '@quorate/platform';
import { z } from 'zod';
import { CommandFailure, EXIT } from '../exit-code';

const keyHolder = z.object({ kid: z.string(), privateKeyFile: z.string() });
const sasl = z.object({ mechanism: z.string(), username: z.string(), password: z.string() }).nullable();

const key = z.object({
  keyId: z.string(),
  scheme: z.string(),
  threshold: z.number(),
  participants: z.array(z.string()),
  publicKey: z.string(),
  chainCode: z.string(),
  address: z.string(),
});
export type StackKey = z.output<typeof key>;

/** stack.json as far as the commands use it (interfaces.md, Commands). */
export const stackFile = z.object({
  /** Of a folder of `quorate init`: databases and processes are then out of reach. */
  deployment: z.object({ folder: z.string(), nodes: z.array(z.string()), threshold: z.number() }).optional(),
  kafka: z.object({
    brokers: z.array(z.string()),
    caFile: z.string().nullable(),
    sasl,
    topicPrefix: z.string(),
    groupPrefix: z.string(),
    operator: z.object({ sasl }),
  }),
  audit: z.object({
    url: z.string(),
    token: z.string().nullable(),
    witnessToken: z.string().nullable(),
    logKeys: z.array(z.string()),
  }),
  submitter: z.object({ url: z.string(), token: z.string().nullable() }),
  control: z.object({
    address: z.string(),
    caFile: z.string(),
    certFile: z.string(),
    keyFile: z.string(),
    operators: z.array(keyHolder),
  }),
  chain: z.object({ rpcUrl: z.string(), chainId: z.string() }),
  databases: z
    .object({
      coordinator: z.string(),
      audit: z.string(),
      submitter: z.string(),
      nodes: z.record(z.string(), z.string()),
    })
    .optional(),
  processes: z.record(
    z.string(),
    z.object({
      pid: z.number().optional(),
      health: z.string().optional(),
      stopped: z.literal(true).optional(),
    }),
  ),
  /** Of a stack of `npm start`: a Unix socket. */
  supervisor: z.object({ socket: z.string() }).optional(),
  identities: z.record(z.string(), ed25519Jwk),
  nodeEnvironments: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  auditorEnvironment: z.record(z.string(), z.string()).optional(),
  files: z.object({
    policies: z.record(z.string(), z.string()),
    requesters: z.string(),
    /** PEERS_FILE of the services; absent in a file of an earlier version. */
    peers: z.string().optional(),
  }),
  /** Null in a deployment until its first key is made. */
  key: key.nullable(),
  requester: keyHolder,
});
export type Stack = z.output<typeof stackFile>;

const PLACES = [join('.quorate', 'run', 'stack.json'), join('deployment', 'stack.json')];

/** The nearest stack.json, of a running stack or of a deployment, in `folder` or above it; undefined when there is none. */
export function findStackFile(folder: string): string | undefined {
  const file = PLACES.map((place) => join(folder, place)).find((path) => existsSync(path));
  if (file !== undefined) return file;
  const parent = dirname(folder);
  return parent === folder ? undefined : findStackFile(parent);
}

/**
 * The stack.json to work with: `given`, or that of the stack that runs in this folder or above it.
 * @throws CommandFailure `no-stack` with the remedy
 */
export function locateStack(given: string | undefined, folder = process.cwd()): string {
  const file = given === undefined ? findStackFile(folder) : resolve(folder, given);
  if (file === undefined || !existsSync(file)) {
    throw new CommandFailure(
      EXIT.failure,
      'no-stack',
      given === undefined
        ? 'no running stack found: run `npm start` in another terminal and wait until it is ready, or give --stack'
        : `there is no ${file}: give the stack.json of a running stack, or of a folder of \`quorate init\``,
    );
  }
  return file;
}

/** @throws CommandFailure `no-stack` with the remedy */
export function loadStack(given: string | undefined, folder = process.cwd()): Stack {
  try {
    return readJsonFile(locateStack(given, folder), stackFile);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new CommandFailure(EXIT.failure, 'no-stack', `${error.message}. Start the stack again: npm start`);
  }
}
