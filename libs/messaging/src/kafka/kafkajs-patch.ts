import { Fatal } from '@quorate/platform';
import Cluster from 'kafkajs/src/cluster';
import RequestQueue from 'kafkajs/src/network/requestQueue';
import Encoder from 'kafkajs/src/protocol/encoder';
import crc32C from 'kafkajs/src/protocol/recordBatch/crc32C/crc32C';
import encodeRecord from 'kafkajs/src/protocol/recordBatch/record/v0';

/**
 * Throws Fatal unless the installed kafkajs carries all of patches/kafkajs+2.2.4.patch (applied by `npm ci`). Without it
 * - every connection re-arms a 1 ms timer for ever, about 4 % of a core per idle client;
 * - the checksum of what is sent takes three times as long, more than half of the time that sending a large record takes;
 * - encoding a small record takes four times as long, for objects made of each header and BigInts made of each key;
 * - a large record is copied nine times, each time into up to twice its size, and the garbage collector follows;
 * - a consumer stops for good when a group has no coordinator for a few seconds, as on new brokers.
 */
export function assertKafkajsPatched(
  queueClass = RequestQueue,
  checksum = crc32C,
  encode: (...record: Parameters<typeof encodeRecord>) => object = encodeRecord,
  encoder: object = Encoder.prototype,
  cluster: new (...args: never[]) => object = Cluster,
): void {
  const isEncoderPatched = isOneEncoder(encode) && 'chunks' in encoder;
  const keepsReasons = /\blastError\b/.test(cluster.toString());
  if (isArmedWhileIdle(queueClass) || !isSliced(checksum) || !isEncoderPatched || !keepsReasons) {
    throw new Fatal(
      'kafkajs-unpatched',
      'kafkajs is not patched: run `npm ci`, which applies patches/ through patch-package',
    );
  }
}

function isArmedWhileIdle(queueClass: typeof RequestQueue): boolean {
  const queue = new queueClass({
    maxInFlightRequests: null,
    requestTimeout: 1000,
    enforceRequestTimeout: false,
    clientId: 'patch-check',
    broker: 'none',
    logger: { debug: () => undefined },
  });
  queue.scheduleCheckPendingRequests();
  const isArmed = queue.throttleCheckTimeoutId !== null;
  queue.destroy();
  return isArmed;
}

/** Both give the same sums; the patched one alone has a table for each of eight bytes. */
function isSliced(checksum: typeof crc32C): boolean {
  return /\bT7\b/.test(checksum.toString());
}

/** Both write the same bytes; the patched one without an encoder for each header. */
function isOneEncoder(encode: (...record: Parameters<typeof encodeRecord>) => object): boolean {
  return !/\bmap\b/.test(encode.toString());
}
