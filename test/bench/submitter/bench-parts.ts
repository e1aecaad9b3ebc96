/** The processes of the submitter's bench that the embedded stack has in another form: chain, signer, submitter. */
import { join } from 'node:path';
import { chainIdOf, installedAnvil, LOCAL_CHAIN_ID } from '../../../deploy/embedded/parts/chain';
import { projectRoot } from '../../../deploy/embedded/files/project-root';
import { type Part } from '../../../deploy/embedded/processes/part';

/** Blocks hold every transfer that comes in a second; a block is final four blocks later, so that the end is measured, too. */
const CHAIN_ARGUMENTS = [
  '--block-time',
  '1',
  '--gas-limit',
  '1000000000',
  '--slots-in-an-epoch',
  '2',
  '--quiet',
];

/** A local chain with large blocks, one in a second, that keeps nothing on disk. */
export function chainPart(port: number): Part {
  return {
    ...{ name: 'chain', stage: 'infrastructure', stopSignal: 'SIGINT', readyTimeoutMs: 30_000 },
    command: async () => ({
      file: installedAnvil(),
      args: ['--host', '127.0.0.1', '--port', String(port), '--chain-id', LOCAL_CHAIN_ID, ...CHAIN_ARGUMENTS],
      env: process.env,
    }),
    probe: async () => void (await chainIdOf(`http://127.0.0.1:${port}`)),
  };
}

export function signerPart(settingsFile: string, isReady: () => boolean): Part {
  return {
    ...{ name: 'stub-signer', stage: 'service', stopSignal: 'SIGTERM', readyTimeoutMs: 30_000 },
    command: async () => ({
      file: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', join(__dirname, 'stub-signer.main.js'), settingsFile],
      env: process.env,
    }),
    probe: async () => {
      if (!isReady()) throw new Error('the stub signer is not ready yet');
    },
  };
}

export interface SubmitterSettings {
  readonly port: number;
  readonly environment: NodeJS.ProcessEnv;
  /** A folder for a CPU profile; none without it. */
  readonly profile: string | undefined;
}

export function submitterPart({ port, environment, profile }: SubmitterSettings): Part {
  const health = `http://127.0.0.1:${port}`;
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  return {
    ...{ name: 'submitter', stage: 'service', stopSignal: 'SIGTERM', readyTimeoutMs: 60_000, health },
    command: async () => ({
      file: process.execPath,
      args: [
        ...['--disable-warning=ExperimentalWarning', ...profiling],
        join(projectRoot(), 'dist/apps/tx-submitter/src/main.js'),
      ],
      env: { ...environment, NODE_ENV: 'production', HTTP_PORT: String(port) },
      cwd: projectRoot(),
    }),
    probe: async () => {
      const { ok, status } = await fetch(`${health}/readyz`);
      if (!ok) throw new Error(`/readyz says ${status}`);
    },
  };
}
