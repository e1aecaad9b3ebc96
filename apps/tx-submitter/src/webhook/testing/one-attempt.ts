/** A process that makes one attempt at a URL whose host is 127.0.0.1, and prints what it came to. */
import { attempt } from '../attempt';
import { NetworkRules } from '../network-rules';
import { parseSecrets } from '../signature';

async function main(url: string, secret: string): Promise<void> {
  const endpoint = {
    ...{ id: 'books', url: new URL(url), secrets: parseSecrets(secret), requesters: '*' as const },
    ...{ statuses: [], pendingEveryMs: undefined, concurrency: 1 },
    networks: new NetworkRules(['127.0.0.1/32']),
  };
  const message = { eventId: 'e', body: Buffer.from('{}'), attempt: 1 };
  const resolve = async () => ['127.0.0.1'];
  const result = await attempt(endpoint, message, resolve, Date.now(), new AbortController().signal);
  process.stdout.write(JSON.stringify(result));
}

const [, , url = '', secret = ''] = process.argv;
void main(url, secret);
