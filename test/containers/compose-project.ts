import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../deploy/embedded/files/project-root';
import { freePorts } from '../../deploy/embedded/ports/free-ports';
import { type InspectedContainer, inspectedContainers } from './inspected-container';

const run = promisify(execFile);
const PROGRAM = join(projectRoot(), 'dist', 'apps', 'cli', 'src', 'main.js');
const PUBLISHED = [
  'KAFKA',
  'CHAIN',
  'GRPC',
  'COORDINATOR',
  'SUBMITTER',
  'AUDITOR',
  'NODE_1',
  'NODE_2',
  'NODE_3',
];
const LARGEST_OUTPUT = 64 * 1024 * 1024;

/** A deployment in a temporary folder and its containers: the docker-compose.yml of the project, under a name and ports of their own. */
export class ComposeProject {
  private constructor(
    /** The folder of `quorate init`. */
    readonly folder: string,
    private readonly name: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Makes the deployment, by the command that an operator uses. Nothing runs yet. */
  static async init(): Promise<ComposeProject> {
    const folder = join(mkdtempSync(join(tmpdir(), 'quorate-containers-')), 'deployment');
    const ports = await freePorts(PUBLISHED.length);
    const env = {
      ...process.env,
      QUORATE_DEPLOYMENT: folder,
      ...Object.fromEntries(PUBLISHED.map((name, index) => [`QUORATE_${name}_PORT`, String(ports[index])])),
    };
    await run(process.execPath, [PROGRAM, 'init', folder], { env });
    return new ComposeProject(folder, `quorate-test-${randomBytes(4).toString('hex')}`, env);
  }

  /** JSON-RPC of the local chain. */
  get chainUrl(): string {
    return `http://127.0.0.1:${this.env['QUORATE_CHAIN_PORT']}`;
  }

  /** `docker compose ARGS`. @throws with what it says */
  async compose(...args: string[]): Promise<string> {
    const files = ['--project-directory', projectRoot(), '--env-file', join(this.folder, 'compose.env')];
    const { stdout, stderr } = await run('docker', ['compose', '-p', this.name, ...files, ...args], {
      env: this.env,
      maxBuffer: LARGEST_OUTPUT,
    });
    return stdout + stderr;
  }

  /** What an operator on this machine types; the answer is what --json prints. */
  async quorate<T>(...args: string[]): Promise<T> {
    const program = [PROGRAM, '--json', '--stack', join(this.folder, 'stack.json')];
    const { stdout } = await run(process.execPath, [...program, ...args], { env: this.env }).catch(
      (error: Error & { stdout?: string }) => {
        throw new Error(`quorate ${args.join(' ')}: ${error.stdout || error.message}`);
      },
    );
    return JSON.parse(stdout) as T;
  }

  /** All containers of the project, also those that have ended. */
  containers(): Promise<InspectedContainer[]> {
    return inspectedContainers(this.name);
  }

  async container(service: string): Promise<InspectedContainer> {
    const found = (await this.containers()).find((container) => container.service === service);
    if (found === undefined) throw new Error(`there is no container of ${service}`);
    return found;
  }

  /** Runs a command in the container of a service. @returns what it prints */
  exec(service: string, ...command: string[]): Promise<string> {
    return this.compose('exec', '-T', service, ...command);
  }

  /** Containers, volumes and networks of the project that exist, by name. */
  async leftovers(): Promise<string[]> {
    const filter = ['--filter', `label=com.docker.compose.project=${this.name}`];
    const listed = await Promise.all([
      run('docker', ['ps', '--all', '--format', '{{.Names}}', ...filter]),
      run('docker', ['volume', 'ls', '--format', '{{.Name}}', ...filter]),
      run('docker', ['network', 'ls', '--format', '{{.Name}}', ...filter]),
    ]);
    return listed.flatMap(({ stdout }) => stdout.split('\n').filter((name) => name !== ''));
  }

  async down(): Promise<void> {
    await this.compose('down', '--volumes', '--timeout', '20');
  }

  removeFolder(): void {
    rmSync(join(this.folder, '..'), { recursive: true, force: true });
  }
}
