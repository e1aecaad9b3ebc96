import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientOptions, QuorateClient, readStackFile, type StackFile } from '@quorate/client';
import { Fatal, Invalid } from '@quorate/platform';
import { startContainerInfrastructure } from '../../../deploy/containers/container-infrastructure';
import { type TestBackend, testBackend } from '../../../deploy/containers/test-backend';
import { projectRoot } from '../../../deploy/embedded/files/project-root';
import { stackFolders } from '../../../deploy/embedded/files/stack-folders';
import { unusedPorts } from '../../../deploy/embedded/ports/stack-ports';
import { EmbeddedStack } from '../../../deploy/embedded/stack/embedded-stack';
import { stackShape } from '../../../deploy/embedded/stack/stack-shape';
import { silentProgress } from '../../../deploy/embedded/terminal/progress';

const MOST_NODES = 16;
/** What names somebody's own parts: a stack for tests has parts of its own. */
const OWN_PARTS = /^(KAFKA_|DATABASE_|RPC_|TOPIC_PREFIX$)/;

export interface TestStackOptions {
  /**
   * Where Kafka, Postgres and the chain run: as processes, or in containers of a Docker engine. Default: what
   * QUORATE_TEST_BACKEND says, else containers where an engine has their images.
   */
  backend?: TestBackend;
  /** How many signer nodes, 2 to 16, default 3. */
  nodes?: number;
  /** How many of them sign together, default 2. */
  threshold?: number;
}

export interface TestStack {
  /** Connected as the demo requester, who may do everything but sign raw digests. */
  client: QuorateClient;
  /** Where everything is: the key, which has money on the chain, the audit log, the control plane. */
  stack: StackFile;
  /** The same as a file, for `npx quorate --stack`. */
  stackFile: string;
  /** Ends everything and forgets its data. */
  stop(): Promise<void>;
}

/**
 * Starts Kafka, Postgres, a chain and all services on free ports of this machine, with a key of the nodes, and connects a
 * client. Takes half a minute; several may run at once.
 * @throws Invalid for numbers of nodes that cannot be; what keeps a part from starting is thrown as it is, and nothing stays
 */
export async function startStack(options: TestStackOptions = {}): Promise<TestStack> {
  const { nodes = 3, threshold = 2 } = options;
  if (nodes > MOST_NODES || threshold < 2 || threshold > nodes) {
    throw new Invalid(
      'shape',
      `${threshold} of ${nodes} nodes: expected 2 to ${MOST_NODES} nodes, 2 of them or more`,
    );
  }
  build();
  const backend = options.backend ?? (await testBackend(() => undefined));
  const folder = mkdtempSync(join(tmpdir(), 'quorate-testing-'));
  const shape = stackShape(1, nodes, threshold);
  const stack = new EmbeddedStack({
    shape,
    folders: stackFolders(folder),
    progress: silentProgress,
    ports: await unusedPorts(shape),
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !OWN_PARTS.test(name))),
    ...(backend === 'containers' && { infrastructure: startContainerInfrastructure }),
  });
  const end = async () => {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await stack.start();
    stack.publish();
    const description = readStackFile(stack.descriptionFile);
    const client = await QuorateClient.connect(clientOptions(description));
    const stop = async () => {
      await client.close();
      await end();
    };
    return { client, stack: description, stackFile: stack.descriptionFile, stop };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The services run from dist. */
function build(): void {
  const script = join(projectRoot(), 'scripts', 'build.mjs');
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  if (status !== 0) throw new Fatal('build', `Quorate cannot be built:\n${stderr}`);
}
