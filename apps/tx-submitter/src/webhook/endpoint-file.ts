/** WEBHOOKS_FILE: where webhooks go (docs/webhooks.md). */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { Invalid, kid, parseJsonFile } from '@quorate/platform';
import { ID_PATTERN } from '@quorate/protocol';
import { z } from 'zod';

import { addressIn, type Endpoint } from './endpoint';
import { isCidr, NetworkRules } from './network-rules';
import { settledStatuses } from './settled';
import { parseSecrets, type WebhookSecret } from './signature';

const usualPorts: Readonly<Record<string, readonly number[]>> = {
  'https:': [443, 8443],
  'http:': [80, 8080],
};
/** The current secret, and those before and after it. */
const mostSecrets = 4;

const wholeNumber = (from: number, to: number) => {
  const error = `expected a whole number from ${from} to ${to}`;
  return z.int({ error }).min(from, { error }).max(to, { error });
};

const allowances = z.strictObject({
  /** Not encrypted. */
  http: z.boolean({ error: 'expected true or false' }).default(false),
  ports: z.array(wholeNumber(1, 65_535)).default([]),
  networks: z
    .array(z.string().refine(isCidr, { error: 'expected a network such as 10.1.0.0/16' }))
    .default([]),
});

const endpointEntry = z
  .strictObject({
    id: z.string().regex(ID_PATTERN, 'expected 1 to 100 of A-Z a-z 0-9 _ . : -'),
    url: z
      .string({ error: 'expected a URL' })
      .refine((text) => URL.canParse(text), { error: 'expected a URL', abort: true }),
    secretFile: z.string({ error: 'expected the path of a file with secrets' }).min(1),
    requesters: z.union([z.literal('*'), z.array(kid).min(1)], {
      error: 'expected "*" or a list of requesters',
    }),
    statuses: z
      .array(z.enum(settledStatuses, { error: `expected some of ${settledStatuses.join(', ')}` }))
      .default([]),
    pending: z.strictObject({ everySeconds: wholeNumber(10, 86_400) }).optional(),
    concurrency: wholeNumber(1, 64).default(8),
    allow: allowances.prefault({}),
  })
  .superRefine((entry, context) => {
    if (entry.statuses.length === 0 && entry.pending === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['statuses'],
        message: 'expected at least one status, or pending',
      });
    }
    const problem = problemOfUrl(new URL(entry.url), entry.allow);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['url'], message: problem });
  });

const endpointsFile = z.strictObject({
  endpoints: z
    .array(endpointEntry)
    .refine((entries) => new Set(entries.map(({ id }) => id)).size === entries.length, {
      error: 'expected every id once',
    }),
});

/**
 * The endpoints in the text of a file, with their secrets, which are read from their own files.
 * @throws Invalid `file` that names every wrong field, and no URL or secret.
 */
export function parseEndpoints(text: string, file: string): Endpoint[] {
  const { endpoints } = parseJsonFile(text, file, endpointsFile);
  return endpoints.map((entry, index) => ({
    ...{ id: entry.id, url: new URL(entry.url), requesters: entry.requesters, statuses: entry.statuses },
    secrets: readSecrets(entry.secretFile, file, `endpoints.${index}.secretFile`),
    pendingEveryMs: entry.pending && entry.pending.everySeconds * 1_000,
    concurrency: entry.concurrency,
    networks: new NetworkRules(entry.allow.networks),
  }));
}

function problemOfUrl(url: URL, allow: z.output<typeof allowances>): string | undefined {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allow.http)) {
    return 'expected https (or http with allow.http)';
  }
  if (url.username !== '' || url.password !== '') return 'expected no user name or password';
  const ports = [...(usualPorts[url.protocol] ?? []), ...allow.ports];
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  if (!ports.includes(port)) return `port ${port} is not usual for webhooks: name it in allow.ports`;
  const address = addressIn(url);
  if (address !== undefined && !new NetworkRules(allow.networks).permits(address)) {
    return 'the address is not public: name its network in allow.networks';
  }
  return undefined;
}

function readSecrets(secretFile: string, file: string, field: string): WebhookSecret[] {
  const path = resolve(dirname(file), secretFile);
  const invalid = (problem: string) => new Invalid('file', `${file} is not valid: ${field}: ${problem}`);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw invalid(`${path} cannot be read`);
  }
  try {
    const secrets = parseSecrets(text);
    if (secrets.length <= mostSecrets) return secrets;
  } catch (error) {
    if (error instanceof Invalid) throw invalid(`${path}: ${error.message}`);
    throw error;
  }
  throw invalid(`${path}: expected at most ${mostSecrets} secrets`);
}
