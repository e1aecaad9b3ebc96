/**
 * A process that answers sign requests at once, as a coordinator does whose nodes take no time: with it the submitter's
 * own ceiling is seen. It checks nothing.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decodeUnsignedTransaction } from '@quorate/evm';
import { kafkaMessageLog, type LogRecord, recordsOf, silentLogger } from '@quorate/messaging';
import { loadIdentityKey } from '@quorate/platform';
import {
  encodeRecord,
  recordSigner,
  requestHash,
  signRequestSchema,
  toHex,
  topicNames,
} from '@quorate/protocol';
import { z } from 'zod';
import { SigningKey } from './signing-key';

const COORDINATOR = 'coordinator-1';

const settings = z.object({
  brokers: z.array(z.string()),
  identityKeyFile: z.string(),
  key: z.object({ keyId: z.string(), secret: z.string(), chainCode: z.string() }),
});
/** What the process is told, in the JSON file that its first argument names. */
export type StubSignerSettings = z.output<typeof settings>;

async function main(): Promise<void> {
  const { brokers, identityKeyFile, key } = settings.parse(
    JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')),
  );
  const topics = topicNames('');
  const signer = recordSigner(COORDINATOR, loadIdentityKey(identityKeyFile));
  const signingKey = new SigningKey(key);
  const log = kafkaMessageLog({ brokers, clientId: COORDINATOR, logger: silentLogger });
  const producer = await log.producer();
  const answer = ({ value }: LogRecord) => {
    const bytes = value ?? Buffer.alloc(0);
    const request = signRequestSchema.parse(JSON.parse(bytes.toString()));
    const { requester, requestId, keyId, path = 'm', payload } = request;
    if (payload.kind !== 'evm-intent' && payload.kind !== 'evm-cancel') throw new Error('not of a submitter');
    const { digest } = decodeUnsignedTransaction(payload.unsigned);
    const { publicKey, address } = signingKey.child(path);
    const data = {
      ...{ type: 'quorate.sign.completed.v1', id: randomUUID(), requester, requestId },
      ...{ requestHash: requestHash(bytes), keyId, path, scheme: 'ecdsa-secp256k1', digest },
      ...{ signature: signingKey.sign(digest, path), publicKey, address, committee: ['node-1', 'node-2'] },
      ...{ presignatureId: toHex(randomBytes(32)), completedAt: new Date().toISOString() },
    };
    const source = `/coordinator/${COORDINATOR}`;
    const record = encodeRecord({ typ: 'final', source, data, key: requestId, time: new Date() }, signer);
    return { topic: topics.finals, ...record };
  };
  const subscription = await log.subscribe({
    ...{ topic: topics.requests, group: 'stub-signer', start: 'earliest' },
    handle: (batches) => producer.send(recordsOf(batches).map(answer)),
  });
  await subscription.assigned;
  process.stdout.write('ready\n');
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
