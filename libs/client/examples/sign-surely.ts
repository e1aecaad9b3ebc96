import { type QuorateClient, type RootKey, type SignRequestOptions } from '@quorate/client';

/** One signature for a request, however often its bytes are sent. */
export async function signSurely(client: QuorateClient, request: SignRequestOptions, key: RootKey) {
  const prepared = client.prepareSignRequest(request);
  await client.produce(prepared);
  return client.awaitFinal(prepared, { key }).catch(async () => {
    await client.produce(prepared); // the first answer was lost, or is late
    return client.awaitFinal(prepared, { key });
  });
}
