import { KAFKA_VERSION } from '../embedded/parts/kafka-jars';

/** What docker-compose.yml and the tests start, by its public name. */
export const IMAGES = {
  kafka: `apache/kafka:${KAFKA_VERSION}`,
  postgres: 'postgres:17-alpine',
  chain: 'ghcr.io/foundry-rs/foundry:v1.7.1',
} as const;
