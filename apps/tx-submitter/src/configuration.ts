import {
  databaseConfig,
  httpConfig,
  identityConfig,
  kafkaConfig,
  list,
  logConfig,
  port,
  required,
  serviceId,
} from '@quorate/platform';
import { chainIdSchema } from '@quorate/protocol';
import { z } from 'zod';

/** The submitter's environment (interfaces.md, configuration). */
export const submitterConfig = z.object({
  SERVICE_ID: serviceId('submitter'),
  ...kafkaConfig.shape,
  ...databaseConfig.shape,
  ...identityConfig.shape,
  ...httpConfig.shape,
  ...logConfig.shape,
  REQUESTERS_FILE: required('the path of the JSON file with the clients and operators'),
  RPC_URLS: list('a comma-separated list of JSON-RPC URLs, for example http://127.0.0.1:8545').refine(
    (urls) => urls.every((url) => /^https?:\/\//.test(url) && URL.canParse(url)),
    { error: 'expected URLs that begin with http:// or https://' },
  ),
  CHAIN_ID: required('the chain id that RPC_URLS serve, as a decimal number').pipe(chainIdSchema),
  /** The path of the JSON file with the endpoints of webhooks; none without it. */
  WEBHOOKS_FILE: z.string().optional(),
  /** How many nonces of one account may be on their way at once. */
  LANE_WINDOW: z.coerce
    .number({ error: 'expected how many transactions of one account may be on their way at once, 1 to 1024' })
    .int()
    .min(1)
    .max(1024)
    .default(64),
  HTTP_PORT: port(8082),
});
export type SubmitterConfig = z.output<typeof submitterConfig>;

export const SUBMITTER_CONFIG = Symbol('SUBMITTER_CONFIG');
