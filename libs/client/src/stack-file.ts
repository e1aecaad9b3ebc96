import { readFileSync } from 'node:fs';
import { ed25519Jwk, Invalid, loadIdentityKey } from '@quorate/platform';
import { schemaIssues } from '@quorate/protocol';
import { z } from 'zod';
import { type QuorateClientOptions } from './quorate-client';

const saslSchema = z.object({ mechanism: z.string(), username: z.string(), password: z.string() });
const endpointSchema = z.looseObject({ url: z.string(), token: z.string().nullish() });

/** The parts of `.quorate/run/stack.json` (interfaces.md, commands) that clients use. */
const stackFileSchema = z.looseObject({
  kafka: z.looseObject({
    brokers: z.array(z.string()).min(1),
    caFile: z.string().nullish(),
    sasl: saslSchema.nullish(),
    topicPrefix: z.string(),
    groupPrefix: z.string(),
  }),
  audit: endpointSchema,
  submitter: endpointSchema,
  control: z.looseObject({
    address: z.string(),
    caFile: z.string(),
    certFile: z.string(),
    keyFile: z.string(),
    operators: z.array(z.object({ kid: z.string(), privateKeyFile: z.string() })),
  }),
  chain: z.looseObject({ rpcUrl: z.string(), chainId: z.string() }),
  identities: z.record(z.string(), ed25519Jwk),
  key: z.looseObject(
    {
      keyId: z.string(),
      scheme: z.string(),
      threshold: z.number(),
      participants: z.array(z.string()),
      publicKey: z.string(),
      chainCode: z.string(),
      address: z.string(),
    },
    {
      error: ({ input }) =>
        input === null ? 'this deployment has none yet, make one by `quorate keys create`' : undefined,
    },
  ),
  requester: z.looseObject({ kid: z.string(), privateKeyFile: z.string() }),
});

/** What a running stack says about itself. */
export type StackFile = z.output<typeof stackFileSchema>;

/**
 * Reads the description that `npm start` writes when everything is ready.
 * @throws Invalid `stack-file` when there is none (no stack is running) or it is not one.
 */
export function readStackFile(file = '.quorate/run/stack.json'): StackFile {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Invalid('stack-file', `${file} cannot be read: is the stack running (npm start)?`, { cause });
  }
  const parsed = stackFileSchema.safeParse(content);
  if (!parsed.success) throw new Invalid('stack-file', `${file}: ${schemaIssues(parsed.error).join('; ')}`);
  return parsed.data;
}

/**
 * How to connect to a stack as its demo requester, trusting its coordinators and submitters.
 * @throws Fatal `identity-key` when the requester's key file cannot be used.
 */
export function clientOptions({ kafka, requester, identities }: StackFile): QuorateClientOptions {
  const { brokers, caFile, sasl, topicPrefix, groupPrefix } = kafka;
  return {
    brokers,
    topicPrefix,
    groupPrefix,
    ssl: caFile ? { ca: readFileSync(caFile, 'utf8') } : undefined,
    sasl: sasl ? { username: sasl.username, password: sasl.password } : undefined,
    requester: { kid: requester.kid, privateKey: loadIdentityKey(requester.privateKeyFile) },
    trust: {
      coordinators: identitiesOf(identities, 'coordinator'),
      submitters: identitiesOf(identities, 'submitter'),
    },
  };
}

/** Service ids of a stack begin with their role. */
function identitiesOf(identities: StackFile['identities'], role: string): StackFile['identities'] {
  return Object.fromEntries(Object.entries(identities).filter(([kid]) => kid.startsWith(role)));
}
