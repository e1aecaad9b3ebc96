import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { asQuorateError, Unavailable } from '@quorate/platform';
import { pauseFor } from '../back-off';
import { silentLogger } from '../structured-logger';
import { withBroker } from './broker-request';
import { type KafkaConnectionOptions } from './kafka-connection';
import { type KafkaMessageLogOptions } from './kafka-message-log';
import { alterScramUsers, describeScramUsers, type ScramCredential } from './scram-requests';

/** The least that Kafka takes: for random passwords more of them buy nothing, and every new connection pays for them. */
const ITERATIONS = 4096;
const SALT_BYTES = 32;
/** Of SHA-512. */
const HASH_BYTES = 64;
/** How long the broker may take to follow its controller. */
const APPLIED_WITHIN_MS = 10_000;
const LOOK_AGAIN_MS = 50;

export interface ScramUser {
  readonly name: string;
  /** Printable ASCII: other characters would have to be normalised (RFC 4013). */
  readonly password: string;
}

/**
 * Gives every user this password (SCRAM-SHA-512), and those to be removed none; resolves when the users can log in where
 * `logins` leads. May be called any number of times. The caller must be allowed to alter the cluster; passwords do not leave
 * this process but as salted hashes.
 * @param logins brokers and authorities of the listener that asks for passwords; without it nothing is tried
 * Throws Unavailable when Kafka cannot be reached, Fatal when it refuses.
 */
export async function setScramUsers(
  options: KafkaMessageLogOptions,
  users: readonly ScramUser[],
  removed: readonly string[],
  logins?: Pick<KafkaConnectionOptions, 'brokers' | 'ssl'>,
): Promise<void> {
  const logger = options.logger ?? silentLogger;
  await withBroker(options, logger, (ask) => ask(alterScramUsers(users.map(credentialOf), removed)));
  // All of them came about together.
  const last = users.at(-1);
  if (last === undefined || logins === undefined) return;
  await untilLoggedIn({
    ...logins,
    clientId: options.clientId,
    sasl: { username: last.name, password: last.password },
  });
}

/** The names of all users who can log in by SCRAM-SHA-512. Throws as `setScramUsers` does. */
export function scramUsers(options: KafkaMessageLogOptions): Promise<string[]> {
  return withBroker(options, options.logger ?? silentLogger, (ask) => ask(describeScramUsers()));
}

function credentialOf({ name, password }: ScramUser): ScramCredential {
  const salt = randomBytes(SALT_BYTES);
  const saltedPassword = pbkdf2Sync(password, salt, ITERATIONS, HASH_BYTES, 'sha512');
  return { user: name, iterations: ITERATIONS, salt, saltedPassword };
}

async function untilLoggedIn(login: KafkaConnectionOptions): Promise<void> {
  const deadline = performance.now() + APPLIED_WITHIN_MS;
  for (;;) {
    try {
      return await withBroker(login, silentLogger, async () => undefined);
    } catch (error) {
      if (performance.now() > deadline) {
        const { message } = asQuorateError(error);
        throw new Unavailable('kafka', `the broker does not know its new users: ${message}`, {
          cause: error,
        });
      }
      await pauseFor(LOOK_AGAIN_MS);
    }
  }
}
