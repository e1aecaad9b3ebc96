import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploymentLayout } from '@quorate/deployment';
import { createProgram } from '../program';

jest.setTimeout(60_000);

describe('quorate init', () => {
  let folder = '';
  let printed = '';
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'quorate-test-')), 'deployment');
    printed = '';
    const take = (text: unknown) => {
      printed += String(text);
      return true;
    };
    jest.spyOn(process.stdout, 'write').mockImplementation(take);
    jest.spyOn(process.stderr, 'write').mockImplementation(take);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    delete process.env['QUORATE_NODE_2_PORT'];
    rmSync(join(folder, '..'), { recursive: true });
  });

  const init = (...options: string[]) =>
    createProgram().parseAsync(['node', 'quorate', 'init', folder, ...options]);

  it("says what was made, what to do with the authority's key, and what comes next, but no secret", async () => {
    await init('--nodes', '2', '--clients', 'shop,bank');
    const { authority, composeEnvironment, stack } = deploymentLayout(folder);
    expect(printed).toContain('node-1, node-2, 2 of them sign together');
    const commands = [`--env-file`, `--stack`, 'keys create --threshold 2', 'Move the authority'];
    for (const text of commands) expect(printed).toContain(text);
    for (const file of [authority.keyFile, composeEnvironment, stack])
      expect(printed).toContain(file.slice(folder.length));
    const secrets = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.(password|url|token|hex)$|identity\.pem$|key\.pem$/.test(file),
    );
    expect(secrets.length).toBeGreaterThan(30);
    for (const file of secrets) {
      for (const line of readFileSync(join(folder, file), 'utf8').trim().split('\n'))
        expect(printed).not.toContain(line);
    }
  });

  it('has the ports of the environment in stack.json, and in compose.env where they are not the usual ones', async () => {
    process.env['QUORATE_NODE_2_PORT'] = '9999';
    await init('--json');
    const { composeEnvironment, stack } = deploymentLayout(folder);
    expect(JSON.parse(printed)).toMatchObject({
      folder,
      nodes: ['node-1', 'node-2', 'node-3'],
      threshold: 2,
      stack,
    });
    const environment = readFileSync(composeEnvironment, 'utf8');
    expect(environment).toContain(`QUORATE_DEPLOYMENT=${folder}\n`);
    expect(environment.match(/_PORT=.*/g)).toEqual(['_PORT=9999']);
    const { processes } = JSON.parse(readFileSync(stack, 'utf8')) as {
      processes: Record<string, { health: string }>;
    };
    expect(['node-1', 'node-2'].map((name) => processes[name]?.health)).toEqual([
      'http://127.0.0.1:8091',
      'http://127.0.0.1:9999',
    ]);
    process.env['QUORATE_NODE_2_PORT'] = 'many';
    await expect(init()).rejects.toThrow('QUORATE_NODE_2_PORT is wrong: expected a port number');
  });
});
