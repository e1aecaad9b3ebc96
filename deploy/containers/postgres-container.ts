import { type StartedTestContainer } from 'testcontainers';
import {
  type EmbeddedPostgres,
  POSTGRES_SETTINGS,
  probePostgres,
  superuserUrl,
} from '../embedded/parts/postgres';
import { IMAGES } from './images';
import { LoopbackContainer } from './loopback-container';

const PORT = 5432;

/** A Postgres server as the embedded one, its data gone with it. @param postgres its port on 127.0.0.1 and the superuser's password */
export function startPostgresContainer(
  postgres: Pick<EmbeddedPostgres, 'port' | 'password'>,
): Promise<StartedTestContainer> {
  const settings = Object.entries(POSTGRES_SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return new LoopbackContainer(IMAGES.postgres)
    .withLoopbackPort(postgres.port, PORT)
    .withEnvironment({
      POSTGRES_PASSWORD: postgres.password,
      POSTGRES_INITDB_ARGS: '--encoding=UTF8 --locale-provider=builtin --locale=C.UTF-8',
    })
    .withCommand(['postgres', ...settings])
    .readyWhen(() => probePostgres(superuserUrl(postgres)))
    .start();
}
