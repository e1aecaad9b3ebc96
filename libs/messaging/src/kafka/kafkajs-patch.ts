import { Fatal } from '@quorate/platform';
import RequestQueue from 'kafkajs/src/network/requestQueue';

/**
 * Throws Fatal unless the installed kafkajs carries patches/kafkajs+2.2.4.patch (applied by `npm ci`).
 * Without it every connection re-arms a 1 ms timer for ever, about 4 % of a core per idle client.
 */
export function assertKafkajsPatched(queueClass: typeof RequestQueue = RequestQueue): void {
  const queue = new queueClass({
    maxInFlightRequests: null,
    requestTimeout: 1000,
    enforceRequestTimeout: false,
    clientId: 'patch-check',
    broker: 'none',
    logger: { debug: () => undefined },
  });
  queue.scheduleCheckPendingRequests();
  const armed = queue.throttleCheckTimeoutId !== null;
  queue.destroy();
  if (armed) {
    throw new Fatal(
      'kafkajs-unpatched',
      'kafkajs is not patched: run `npm ci`, which applies patches/ through patch-package',
    );
  }
}
