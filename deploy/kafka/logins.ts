import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { keptKafkaPassword, kafkaUser } from '@quorate/deployment';

const ENDING = '.password';

/** What a party logs in to Kafka with. */
export interface KafkaLogin {
  username: string;
  /** Mode 0600. */
  passwordFile: string;
  password: string;
}

/** The logins of everybody who is part of a deployment now, by kid, and who was before. */
export interface KafkaLogins {
  present: ReadonlyMap<string, KafkaLogin>;
  former: string[];
}

/**
 * Makes passwords that are missing and keeps those that are there, a file for each.
 * @param prefix TOPIC_PREFIX, with which the names of users begin
 */
export function keptLogins(folder: string, kids: readonly string[], prefix: string): KafkaLogins {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const present = kids.map((kid): [string, KafkaLogin] => {
    const passwordFile = join(folder, `${kid}${ENDING}`);
    const password = keptKafkaPassword(passwordFile);
    return [kid, { username: kafkaUser(kid, prefix), passwordFile, password }];
  });
  const known = readdirSync(folder).flatMap((file) =>
    file.endsWith(ENDING) ? [file.slice(0, -ENDING.length)] : [],
  );
  return { present: new Map(present), former: known.filter((kid) => !kids.includes(kid)) };
}

/** Forgets the passwords of parties that the broker does not know any more. */
export function forgetLogins(folder: string, kids: readonly string[]): void {
  for (const kid of kids) rmSync(join(folder, `${kid}${ENDING}`), { force: true });
}
