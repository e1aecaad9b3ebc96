import { getContainerRuntimeClient } from 'testcontainers';
import { messageOf, StartFailure } from '../embedded/terminal/start-failure';
import { IMAGES } from './images';

/** What tests take Kafka, Postgres and the chain from. */
export type TestBackend = 'embedded' | 'containers';
const BACKENDS: readonly TestBackend[] = ['embedded', 'containers'];

/**
 * The backend that QUORATE_TEST_BACKEND names; where it does not, containers if a Docker engine answers that has the images
 * (nothing is downloaded unasked), and embedded parts otherwise.
 * @param note hears which one it is, and why
 * @throws StartFailure for another name
 */
export async function testBackend(
  note: (text: string) => void,
  env: NodeJS.ProcessEnv = process.env,
): Promise<TestBackend> {
  const named = env['QUORATE_TEST_BACKEND'] ?? '';
  const chosen = BACKENDS.find((backend) => backend === named);
  if (chosen === undefined && named !== '') {
    throw new StartFailure('backend', `QUORATE_TEST_BACKEND is ${named}: expected ${BACKENDS.join(' or ')}`);
  }
  if (chosen !== undefined) return chosen;
  const missing = await missingForContainers();
  note(
    missing === undefined
      ? 'Kafka, Postgres and chain: containers'
      : `embedded Kafka, Postgres and chain: ${missing}`,
  );
  return missing === undefined ? 'containers' : 'embedded';
}

/** Why containers cannot be started at once; undefined where they can. */
async function missingForContainers(): Promise<string | undefined> {
  try {
    const { dockerode } = (await getContainerRuntimeClient()).container;
    const present = (await dockerode.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
    const absent = Object.values(IMAGES).filter((image) => !present.includes(image));
    return absent.length === 0 ? undefined : `the Docker engine has no ${absent.join(', ')}`;
  } catch (error) {
    return `no Docker engine answers (${messageOf(error)})`;
  }
}
