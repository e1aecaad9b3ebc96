import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as StackModule from '../../deploy/embedded/stack/embedded-stack';
import { startContainerInfrastructure } from '../../deploy/containers/container-infrastructure';
import { projectRoot } from '../../deploy/embedded/files/project-root';
import { stackFolders } from '../../deploy/embedded/files/stack-folders';
import { unusedPorts } from '../../deploy/embedded/ports/stack-ports';
import { stackShape } from '../../deploy/embedded/stack/stack-shape';
import { terminalProgress } from '../../deploy/embedded/terminal/progress';
import { startSpanCollector } from '../observability/span-collector';

declare global {
  var quorateEndToEndEnd: (() => Promise<void>) | undefined;
}

/**
 * Builds what has changed and starts the whole stack (2-of-3) once for all end-to-end tests, on free ports and in a
 * temporary folder; with QUORATE_TEST_BACKEND=containers on Kafka, Postgres and a chain in containers. QUORATE_STACK_FILE
 * names its stack.json; when it is set already, that running stack is tested.
 */
export default async function setUp(): Promise<void> {
  if (process.env['QUORATE_STACK_FILE']) return;
  // The services run from dist, and so does what starts them: the project's aliases are resolved there.
  const { status } = spawnSync(process.execPath, [join(projectRoot(), 'scripts', 'build.mjs')], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the build failed');
  const built = createRequire(__filename)(
    join(projectRoot(), 'dist/deploy/embedded/stack/embedded-stack.js'),
  ) as typeof StackModule;

  const folder = mkdtempSync(join(tmpdir(), 'quorate-e2e-'));
  const collector = await startSpanCollector();
  process.env['QUORATE_SPAN_COLLECTOR'] = collector.url;
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
  const shape = stackShape(1, 3, 2);
  const progress = terminalProgress(console.error);
  const stack = new built.EmbeddedStack({
    shape,
    folders: stackFolders(folder),
    ports: await unusedPorts(shape),
    progress,
    // Only where they are asked for: tests kill each part of the stack, and containers are none.
    ...(process.env['QUORATE_TEST_BACKEND'] === 'containers' && {
      infrastructure: startContainerInfrastructure,
    }),
  });
  const end = async () => {
    await stack.stop();
    await collector.stop();
  };
  try {
    await stack.start();
  } catch (error) {
    await end();
    throw error;
  }
  stack.publish();
  process.env['QUORATE_STACK_FILE'] = stack.descriptionFile;
  globalThis.quorateEndToEndEnd = async () => {
    await end();
    rmSync(folder, { recursive: true, force: true });
  };
}
