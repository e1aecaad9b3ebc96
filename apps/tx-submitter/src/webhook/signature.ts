/**
 * Signatures of webhooks: Standard Webhooks 1.0.0, symmetric (v1).
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac } from 'node:crypto';

import { Invalid, Secret } from '@quorate/platform';

/** A signing secret: 24 to 64 bytes. */
export type WebhookSecret = Secret<Uint8Array>;

/** What is signed. */
export interface SignedMessage {
  /** The same for every attempt. */
  id: string;
  /** Of the attempt, in seconds since 1970. */
  timestamp: number;
  body: Uint8Array;
}

const serialised = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/**
 * Reads secrets, one a line: `whsec_` and base64. Empty lines do not count.
 * @throws Invalid `secret` that names the line and never its content.
 */
export function parseSecrets(text: string): WebhookSecret[] {
  const lines = text.split('\n').map((line) => line.trim());
  const secrets = lines.flatMap((line, index) => (line === '' ? [] : [parseSecret(line, index + 1)]));
  if (secrets.length === 0) throw new Invalid('secret', 'expected at least one secret, one a line');
  return secrets;
}

/** The headers `webhook-*`: with every secret a signature, so that a receiver may know any of them. */
export function webhookHeaders(
  { id, timestamp, body }: SignedMessage,
  secrets: readonly WebhookSecret[],
): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const mac = createHmac('sha256', secret.reveal()).update(`${id}.${timestamp}.`).update(body);
    return `v1,${mac.digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}

function parseSecret(line: string, number: number): WebhookSecret {
  const bytes = Buffer.from(serialised.exec(line)?.[1] ?? '', 'base64');
  if (bytes.length < 24 || bytes.length > 64) {
    throw new Invalid('secret', `line ${number}: expected whsec_ and 24 to 64 bytes in base64`);
  }
  return new Secret<Uint8Array>(bytes);
}
