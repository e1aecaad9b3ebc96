import {
  databaseConfig,
  grpcTlsConfig,
  httpConfig,
  identityConfig,
  kafkaConfig,
  kid,
  list,
  logConfig,
  required,
} from '@quorate/platform';
import { z } from 'zod';

/** The environment of one node. */
export const nodeConfig = z.object({
  ...kafkaConfig.shape,
  ...databaseConfig.shape,
  ...identityConfig.shape,
  ...httpConfig.shape,
  ...logConfig.shape,
  ...grpcTlsConfig.shape,
  NODE_ID: required('the id of this node, for example node-1').pipe(kid),
  POLICY_FILE: required("the path of this node's policy (JSON)"),
  SEAL_KEY_FILE: required('the path of the key that seals the shares: 64 hex digits'),
  /** When the node halts by itself (docs/halt.md); 0 and an empty list: never. */
  SELF_HALT_REFUSALS_PER_MINUTE: z.coerce
    .number({ error: 'expected a number' })
    .int('expected a whole number')
    .min(0)
    .max(10_000)
    .default(0),
  SELF_HALT_RULES: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((rule) => rule !== '')),
  SELF_HALT_SCOPE: z.enum(['requester', 'all']).default('requester'),
  COORDINATORS: list('a comma-separated list of host:port of every coordinator'),
});
export type NodeConfig = z.output<typeof nodeConfig>;

export const NODE_CONFIG = Symbol('NODE_CONFIG');
