import { join } from 'node:path';
import { runTool } from '../processes/run-tool';
import { StartFailure } from '../terminal/start-failure';

const MINIMUM = 17;
const REMEDY = `install a Java ${MINIMUM} runtime (for example openjdk-${MINIMUM}-jre-headless), or set JAVA_HOME, or set KAFKA_BROKERS to use your own Kafka`;

/** The java command of JAVA_HOME or PATH. @throws StartFailure when there is none, or one older than 17 */
export async function findJava(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const java = env['JAVA_HOME'] ? join(env['JAVA_HOME'], 'bin', 'java') : 'java';
  const output = await runTool(java, ['-version'], { env }).then(
    ({ output }) => output,
    () => {
      throw new StartFailure(
        'java-missing',
        `Kafka needs Java ${MINIMUM} or newer, but "${java}" cannot be run`,
        REMEDY,
      );
    },
  );
  const version = /version "(?:1\.)?(\d+)/.exec(output)?.[1];
  if (version !== undefined && Number(version) < MINIMUM) {
    throw new StartFailure(
      'java-too-old',
      `Kafka needs Java ${MINIMUM} or newer, "${java}" is version ${version}`,
      REMEDY,
    );
  }
  return java;
}
