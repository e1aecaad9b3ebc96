/** Sign requests as a client sends them, and how long each takes from produce to the verified final. */
import { type QuorateClient } from '@quorate/client';

/** One request as the client saw it; times in milliseconds since 1970. */
export interface Sample {
  readonly requestId: string;
  readonly sentAt: number;
  readonly receivedAt: number;
  readonly milliseconds: number;
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What a load did: its samples in the order in which they were answered, and the time it took in all. */
export interface LoadResult {
  readonly samples: readonly Sample[];
  readonly seconds: number;
}

const PATH = 'm/44/60/0/0/7';

/** Sends requests, `inFlight` at a time, while `more` says so (it is given how many were sent). */
export async function load(
  client: QuorateClient,
  keyId: string,
  inFlight: number,
  more: (sent: number) => boolean,
): Promise<LoadResult> {
  const samples: Sample[] = [];
  let sent = 0;
  const began = performance.now();
  const lane = async (): Promise<void> => {
    while (more(sent)) samples.push(await sign(client, keyId, sent++));
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { samples, seconds: (performance.now() - began) / 1000 };
}

/** @throws Error when there is no signature */
export async function sign(client: QuorateClient, keyId: string, number: number): Promise<Sample> {
  const message = `0x${number.toString(16).padStart(8, '0')}`;
  const prepared = client.prepareSignRequest({ keyId, path: PATH, payload: { kind: 'eip191', message } });
  const sentAt = Date.now();
  const began = performance.now();
  await client.produce(prepared);
  const { data } = await client.awaitFinal(prepared);
  if (data.type !== 'quorate.sign.completed.v1') throw new Error(`not signed: ${JSON.stringify(data)}`);
  const milliseconds = performance.now() - began;
  return { requestId: prepared.id, sentAt, receivedAt: sentAt + milliseconds, milliseconds };
}

export function percentiles(samples: readonly Sample[]): Percentiles {
  const sorted = samples.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
