import { AuditClient, clientOptions, QuorateClient, readStackFile } from '@quorate/client';

/** Signs a message with the key of a running stack (`npm start`), and shows what happened. */
async function main(): Promise<void> {
  const stack = readStackFile('.quorate/run/stack.json');
  const client = await QuorateClient.connect(clientOptions(stack));
  const { data: final } = await client.signRequest(
    { keyId: stack.key.keyId, path: 'm/0/7', payload: { kind: 'eip191', message: '0x68656c6c6f' } },
    { key: stack.key, timeoutMs: 30_000 },
  );
  if (final.type === 'quorate.sign.completed.v1') {
    console.log(`signed by ${final.committee.join(' and ')} for ${final.address}:`, final.signature);
  } else {
    console.log(`rejected (${final.code}): ${final.reason}`);
  }
  const story = await new AuditClient(stack.audit).story(final.requestId);
  for (const event of story?.events ?? []) console.log(event.time, event.type, event.source);
  await client.close();
}

void main();
