import {
  databaseConfig,
  httpApiConfig,
  identityConfig,
  kafkaConfig,
  list,
  logConfig,
  port,
  required,
  serviceId,
  tokensBeyondLoopback,
} from '@quorate/platform';
import { chainIdSchema, weiSchema } from '@quorate/protocol';
import { z } from 'zod';

import { feeLadderSchema } from './lane/fee-ladder';

/** URLs of JSON-RPC endpoints; each counts once, for two words of one endpoint are no second opinion. */
function rpcUrls(expected: string) {
  return list(expected)
    .refine((urls) => urls.every((url) => /^https?:\/\//.test(url) && URL.canParse(url)), {
      error: 'expected URLs that begin with http:// or https://',
    })
    .refine((urls) => new Set(urls).size === urls.length, { error: 'expected every URL once' });
}

/** The submitter's environment (interfaces.md, configuration). */
const settings = z.object({
  SERVICE_ID: serviceId('submitter'),
  ...kafkaConfig.shape,
  ...databaseConfig.shape,
  ...identityConfig.shape,
  ...httpApiConfig.shape,
  ...logConfig.shape,
  REQUESTERS_FILE: required('the path of the JSON file with the clients and operators'),
  RPC_URLS: rpcUrls('a comma-separated list of JSON-RPC URLs, for example http://127.0.0.1:8545'),
  /** Endpoints that transactions are sent to and nothing is read from. */
  RPC_SEND_URLS: rpcUrls('a comma-separated list of JSON-RPC URLs').default([]),
  /** A JSON file with error texts of nodes beside those that are known (see libs/evm, rpc-error-rules-file). */
  RPC_ERRORS_FILE: z.string().optional(),
  /** The tag that nodes give final blocks; `none`, or on a chain without it: FINALITY_DEPTH blocks below the head. */
  FINALITY_TAG: z
    .enum(['finalized', 'safe', 'none'], { error: 'expected finalized, safe or none' })
    .default('finalized'),
  FINALITY_DEPTH: z.coerce
    .number({ error: 'expected a number of blocks' })
    .int('expected a whole number of blocks')
    .min(0, 'expected 0 blocks or more')
    .max(100_000, 'expected at most 100000 blocks')
    .default(64),
  CHAIN_ID: required('the chain id that RPC_URLS serve, as a decimal number').pipe(chainIdSchema),
  /** The path of the JSON file with the endpoints of webhooks; none without it. */
  WEBHOOKS_FILE: z.string().optional(),
  /** How many nonces of one account may be without a first accept at once. */
  LANE_WINDOW: z.coerce
    .number({
      error: 'expected how many transactions of one account may wait for a first accept at once, 1 to 1024',
    })
    .int()
    .min(1)
    .max(1024)
    .default(64),
  /** Factors of the first transaction's fees at which more are signed with it, `1,1.25,1.6,2.5`; none without it. */
  FEE_LADDER: feeLadderSchema.optional(),
  /** Wei of fees that one account may commit to within an hour; no limit without it. */
  LANE_BUDGET_PER_HOUR: weiSchema
    .refine((wei) => BigInt(wei) > 0n, { error: 'expected more than 0 wei' })
    .transform(BigInt)
    .optional(),
  /** Whether a foreign transaction of one of our accounts has its key halted. */
  HALT_ON_FOREIGN: z
    .enum(['true', 'false'], { error: 'expected true or false' })
    .default('true')
    .transform((text) => text === 'true'),
  HTTP_PORT: port(8082),
});
export const submitterConfig = tokensBeyondLoopback(settings);
export type SubmitterConfig = z.output<typeof submitterConfig>;

export const SUBMITTER_CONFIG = Symbol('SUBMITTER_CONFIG');
