import { type KeyFacts } from '@quorate/client';
import { columns, facts } from '../terminal/layout';

export function keyTable(keys: readonly KeyFacts[], heading: (text: string) => string): string {
  return columns([
    ['KEY', 'SCHEME', 'QUORUM', 'STATUS', 'EPOCH', 'STOCK', 'ADDRESS'].map(heading),
    ...keys.map((key) => [
      key.keyId,
      key.scheme,
      `${key.threshold} of ${key.participants.length}`,
      key.change === '' ? key.status : `${key.status} (${key.change})`,
      String(key.epoch),
      String(key.stock),
      key.address,
    ]),
  ]);
}

export function describeKey(key: KeyFacts): string {
  return facts([
    ['key', key.keyId],
    ['scheme', key.scheme],
    ['quorum', `${key.threshold} of ${key.participants.length}: ${key.participants.join(', ')}`],
    ['status', key.status],
    ['under way', key.change],
    ['not confirmed by', key.unconfirmed.join(', ')],
    ['address', key.address],
    ['public key', key.publicKey],
    ['chain code', key.chainCode],
    ['epoch', key.epoch],
    ['shares made', key.sharesMadeAt],
    ['next refresh', key.nextRefreshAt],
  ]);
}
