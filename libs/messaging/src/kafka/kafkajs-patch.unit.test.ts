import RequestQueue from 'kafkajs/src/network/requestQueue';
import { assertKafkajsPatched } from './kafkajs-patch';

describe('assertKafkajsPatched', () => {
  it('finds the installed kafkajs patched', () => {
    expect(() => assertKafkajsPatched()).not.toThrow();
  });

  it('refuses a kafkajs that arms its timer while nothing is pending', () => {
    class Unpatched extends RequestQueue {
      override scheduleCheckPendingRequests(): void {
        this.throttleCheckTimeoutId = setTimeout(() => undefined, 0);
      }
    }
    expect(() => assertKafkajsPatched(Unpatched)).toThrow('not patched');
  });
});
