import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../files/stack-folders';
import { runTool } from '../processes/run-tool';
import { StartFailure } from '../terminal/start-failure';

/** One version for the embedded broker and the containers. */
export const KAFKA_VERSION = '4.3.1';
const LOG4J_VERSION = '2.24.3';
const MAVEN_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>quorate</groupId>
  <artifactId>embedded-kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>${LOG4J_VERSION}</version></dependency>
  </dependencies>
</project>
`;

/** The folder of Kafka's jars in the shared cache, or undefined when they were not fetched yet. */
export function cachedKafkaJars(cache = cacheFolder()): string | undefined {
  const folder = join(cache, `kafka-${KAFKA_VERSION}`);
  return existsSync(folder) ? folder : undefined;
}

/**
 * Fetches Kafka's jars by Maven (43 MB) into the shared cache. The folder appears whole or not at all,
 * so that several processes may fetch at once.
 * @throws StartFailure when Maven is missing or cannot resolve them
 */
export async function fetchKafkaJars(cache = cacheFolder()): Promise<string> {
  const folder = join(cache, `kafka-${KAFKA_VERSION}`);
  const work = join(cache, `kafka-${KAFKA_VERSION}.${process.pid}.partial`);
  await mkdir(work, { recursive: true });
  try {
    const pom = join(work, 'pom.xml');
    await writeFile(pom, POM);
    const jars = join(work, 'jars');
    const args = ['-B', '-q', '-f', pom, MAVEN_PLUGIN, `-DoutputDirectory=${jars}`, '-DincludeScope=runtime'];
    const { code, output } = await runTool('mvn', args, { cwd: work }).catch(() => {
      throw new StartFailure(
        'maven-missing',
        'Maven fetches the embedded Kafka, but "mvn" cannot be run',
        'install Maven 3.6 or newer, or set KAFKA_BROKERS to use your own Kafka',
      );
    });
    if (code !== 0) {
      throw new StartFailure(
        'maven-failed',
        `Maven could not fetch Kafka ${KAFKA_VERSION}:\n${output.trim().split('\n').slice(-12).join('\n')}`,
        'check the network, or the mirror in ~/.m2/settings.xml, and try again',
      );
    }
    await rename(jars, folder).catch((error: unknown) => {
      // Another process was faster.
      if (!existsSync(folder)) throw error;
    });
    return folder;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
