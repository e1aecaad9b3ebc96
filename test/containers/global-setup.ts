import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../deploy/embedded/files/project-root';

/** Builds what has changed: the tests use the command line as an operator does. @throws where no Docker engine answers */
export default function setUp(): void {
  const engine = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { encoding: 'utf8' });
  if (engine.status !== 0)
    throw new Error(`no Docker engine answers: ${engine.stderr || engine.error?.message}`);
  const built = spawnSync(process.execPath, [join(projectRoot(), 'scripts', 'build.mjs')], {
    stdio: 'inherit',
  });
  if (built.status !== 0) throw new Error('the build failed');
}
