import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { QuorateClient, type QuorateClientOptions } from '@quorate/client';

/**
 * Connects to an installation elsewhere.
 * @param kid the client's name, which is its login at Kafka, too
 * @param folder with what the client was given, and its own private key (PKCS#8 PEM, Ed25519)
 * @param trust the public keys of coordinators and submitters, from who runs them
 */
export function connect(
  kid: string,
  brokers: string[],
  folder: string,
  trust: QuorateClientOptions['trust'],
): Promise<QuorateClient> {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return QuorateClient.connect({
    brokers,
    ssl: { ca: read('kafka-ca.pem') },
    sasl: { username: kid, password: read('kafka.password') }, // SCRAM-SHA-512
    groupPrefix: `${kid}-`, // what the access rules of Kafka allow
    requester: { kid, privateKey: createPrivateKey(read('identity.pem')) },
    trust,
  });
}
