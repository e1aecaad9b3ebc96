import { join } from 'node:path';
import { certificateOf, prepareCertificates } from '../identities/certificates';
import { findJava } from '../parts/java';
import { type EmbeddedKafka, kafkaPart } from '../parts/kafka';
import { cachedKafkaJars, fetchKafkaJars } from '../parts/kafka-jars';
import {
  adminAccess,
  BROKER_ADMIN_KID,
  BROKER_KID,
  type BrokerSecurity,
  type KafkaAccess,
} from '../parts/kafka-security';
import { freePort } from '../ports/free-ports';
import { type TemporaryStack } from './temporary-stack';

/** A broker that asks who connects. */
export interface SecuredBroker {
  security: BrokerSecurity;
  /** May do everything. */
  admin: KafkaAccess;
  /** Where users log in, without a login. */
  listener: KafkaAccess;
}

/** A broker of a test's own, not started yet. */
export async function brokerOf({ folders }: TemporaryStack): Promise<EmbeddedKafka> {
  const jars = cachedKafkaJars() ?? (await fetchKafkaJars());
  return { folder: join(folders.data, 'kafka'), port: await freePort(), jars, java: await findJava() };
}

/** Starts the broker with certificates of the test's own authority, nobody having a login yet. */
export async function startSecured(
  { folders, supervisor }: TemporaryStack,
  kafka: EmbeddedKafka,
): Promise<SecuredBroker> {
  const certificates = await prepareCertificates(folders, [BROKER_KID, BROKER_ADMIN_KID]);
  const security = {
    broker: certificateOf(certificates, BROKER_KID),
    admin: certificateOf(certificates, BROKER_ADMIN_KID),
    internalPort: await freePort(),
  };
  await supervisor.start(kafkaPart({ ...kafka, security }));
  const admin = adminAccess(security);
  return {
    security,
    admin,
    listener: { brokers: [`127.0.0.1:${kafka.port}`], ssl: { ca: admin.ssl?.ca ?? '' } },
  };
}
