import { silentLogger } from '../structured-logger';
import { withBroker } from './broker-request';
import { type ClientQuota, type QuotaChange, quotaChanges, type QuotaDeclaration } from './client-quota';
import { alterClientQuotas, describeClientQuotas } from './client-quota-requests';
import { type KafkaMessageLogOptions } from './kafka-message-log';

/**
 * Sets the declared quotas and removes ours that are no longer declared; returns what it changed. May be called any number
 * of times. Brokers follow within moments.
 * Throws Unavailable when Kafka cannot be reached, Fatal when it refuses.
 */
export function ensureClientQuotas(
  options: KafkaMessageLogOptions,
  declaration: QuotaDeclaration,
): Promise<QuotaChange[]> {
  return withBroker(options, options.logger ?? silentLogger, async (ask) => {
    const changes = quotaChanges(declaration, await ask(describeClientQuotas()));
    if (changes.length > 0) await ask(alterClientQuotas(changes));
    return changes;
  });
}

/** All quotas of the cluster. Throws as `ensureClientQuotas` does. */
export function clientQuotas(options: KafkaMessageLogOptions): Promise<ClientQuota[]> {
  return withBroker(options, options.logger ?? silentLogger, (ask) => ask(describeClientQuotas()));
}
