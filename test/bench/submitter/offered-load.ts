/** Intents that are signed beforehand and then produced at an even rate. */
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type EncodedRecord,
  encodeClientRecord,
  type RecordSigner,
  topicNames,
  type TxIntentInput,
} from '@quorate/protocol';
import { LOCAL_CHAIN_ID } from '../../../deploy/embedded/parts/chain';
import { type SubmitterStack } from './bench-stack';

const TICK_MS = 10;

/** Transfers of one wei to addresses that nobody has, the lanes in turn; their gas limit is given, as services do that know it. */
export function signIntents({ client, key, paths }: SubmitterStack, count: number): EncodedRecord[] {
  const time = new Date();
  const expiresAt = new Date(time.getTime() + 3_600_000).toISOString();
  return Array.from({ length: count }, (_, n) => {
    const data: TxIntentInput = {
      ...{ intentId: `i-${randomUUID()}`, requester: client.kid, keyId: key.keyId, chainId: LOCAL_CHAIN_ID },
      ...{
        path: paths[n % paths.length],
        to: `0x${randomBytes(20).toString('hex')}`,
        value: '1',
        data: '0x',
      },
      ...{ gasLimit: '21000', maxFeePerGas: '1000000000000', maxCost: '100000000000000000' },
      ...{ confirmations: 2, expiresAt },
    };
    return signed(data, client, time);
  });
}

function signed(data: TxIntentInput, client: RecordSigner, time: Date): EncodedRecord {
  return encodeClientRecord({ typ: 'tx-intent', data, key: data.intentId, time }, client);
}

/** Produces all records, `perSecond` of them in each second whether or not anybody keeps up. */
export async function offer(
  { producer }: SubmitterStack,
  records: readonly EncodedRecord[],
  perSecond: number,
): Promise<void> {
  const began = performance.now();
  const sends: Promise<void>[] = [];
  const topic = topicNames('').intents;
  for (let sent = 0; sent < records.length;) {
    const due = Math.min(records.length, Math.ceil(((performance.now() - began) * perSecond) / 1000));
    const now = records.slice(sent, due).map((record) => ({ topic, ...record }));
    if (now.length > 0) sends.push(producer.send(now));
    sent = Math.max(sent, due);
    await pause(TICK_MS);
  }
  await Promise.all(sends);
}
