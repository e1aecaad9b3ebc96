import { generateKeyPairSync } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { identityJwk, loadIdentityKey, PeerDirectory } from '@quorate/platform';
import { holdRotation } from './hold-rotation';
import { type Places } from './places';
import { openRotation, type Phase, PHASES, RotationFile, type Thing } from './rotation';
import { rotateUnit, type Surroundings } from './rotate-unit';
import { type Operations, Services } from './running-services';

/** A submitter and nothing else: files, and services that are told what to do. */
class Installation {
  readonly root = mkdtempSync(join(tmpdir(), 'quorate-rotate-'));
  readonly file: RotationFile;
  readonly calls: string[] = [];
  /** Dies instead of this call. */
  deadly: string | undefined;

  constructor(things: Thing[]) {
    const { privateKey } = generateKeyPairSync('ed25519');
    this.write('identity.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
    const entry = { kid: 'submitter', role: 'submitter', publicKey: identityJwk(privateKey) };
    this.write('peers.json', JSON.stringify({ peers: [entry] }));
    this.write('requesters.json', JSON.stringify({ requesters: [entry] }));
    this.write('policy.json', JSON.stringify({ requesters: [entry] }));
    this.write('kafka.password', 'former', 0o600);
    this.write(
      'passwords.json',
      JSON.stringify({ quorate_submitter: 'a', quorate_submitter_owner: 'b', x: 'c' }),
      0o600,
    );
    this.write(
      'tokens.json',
      JSON.stringify({ tokens: [{ name: 'operator', sha256: 'f'.repeat(64), roles: ['reader'] }] }),
      0o600,
    );
    this.write('operator.token', 'former', 0o600);
    this.write('stack.json', JSON.stringify(stackDocument));
    this.file = new RotationFile(this.at('rotation.json'));
    openRotation(this.file, [{ kids: ['submitter'], things }], false, 24);
  }

  at(name: string): string {
    return join(this.root, name);
  }

  read(name: string): string {
    return readFileSync(this.at(name), 'utf8');
  }

  private write(name: string, content: string, mode = 0o644): void {
    mkdirSync(dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), content, { mode });
  }

  rotate(): Promise<void> {
    return rotateUnit(0, this.file, this.around());
  }

  get phase(): Phase | undefined {
    return this.file.load()?.units[0]?.phase;
  }

  private async call(name: string): Promise<void> {
    if (this.deadly === name) {
      this.deadly = undefined;
      throw new Error(`killed at ${name}`);
    }
    this.calls.push(name);
  }

  private around(): Surroundings {
    const places: Places = {
      ...{ rotation: this.at('rotation.json'), peers: this.at('peers.json') },
      ...{ requesters: this.at('requesters.json'), policies: new Map([['node-1', this.at('policy.json')]]) },
      authority: { certFile: this.at('ca.pem'), keyFile: this.at('ca.key.pem') },
      identity: () => this.at('identity.pem'),
      certificate: () => ({ certFile: this.at('tls.pem'), keyFile: this.at('tls.key.pem') }),
      kafkaPassword: () => this.at('kafka.password'),
      databases: () => [
        { kind: 'passwords', file: this.at('passwords.json'), database: 'quorate_submitter' },
      ],
      tokens: () => [{ tokens: this.at('tokens.json'), holder: 'operator', file: this.at('operator.token') }],
    };
    const operations: Operations = {
      apply: () => this.call('apply'),
      restart: (kid) => this.call(`restart ${kid}`),
    };
    const noStack = (): never => {
      throw new Error('no stack is asked');
    };
    const told = (name: string) => this.call(name);
    const services = new (class extends Services {
      override haveInForce = () => told('in force');
    })(noStack);
    return {
      ...{ places, services, operations, stackFile: this.at('stack.json') },
      stack: noStack,
      roles: new Map([['submitter', 'submitter']]),
      note: () => undefined,
    };
  }
}

const stackDocument = {
  kafka: { sasl: null, operator: { sasl: null } },
  ...{ audit: { token: null, witnessToken: null }, submitter: { token: null } },
  ...{ control: { operators: [] }, requester: { kid: 'demo' }, identities: {} },
};

describe('a unit of a rotation', () => {
  let installation: Installation;
  afterEach(() => rmSync(installation.root, { recursive: true }));

  const pinned = () =>
    PeerDirectory.load(installation.at('peers.json'))
      .everyKeyOf('submitter')
      .map((key) => identityJwk(key).x);
  const own = () => identityJwk(loadIdentityKey(installation.at('identity.pem'))).x;

  it('is announced before it is used, and used before the next step', async () => {
    installation = new Installation(['identity', 'kafka', 'database', 'tokens']);
    const before = own();
    await installation.rotate();
    expect(installation.calls).toEqual(['in force', 'apply', 'restart submitter']);
    expect(pinned()).toEqual([own(), before]);
    expect(own()).not.toBe(before);
    expect(installation.read('kafka.password')).toMatch(/^[\w-]{43}$/);
    expect(JSON.parse(installation.read('passwords.json'))).toMatchObject({ x: 'c' });
    expect(installation.read('passwords.json')).not.toContain('"a"');
    expect((JSON.parse(installation.read('tokens.json')) as { tokens: object[] }).tokens).toMatchObject([
      { name: 'operator', roles: ['reader'] },
      { name: 'operator-former', sha256: 'f'.repeat(64), roles: ['reader'] },
    ]);
    for (const name of ['identity.pem', 'kafka.password', 'passwords.json', 'tokens.json', 'operator.token'])
      expect([name, statSync(installation.at(name)).mode & 0o777]).toEqual([name, 0o600]);
    expect(statSync(installation.at('peers.json')).mode & 0o777).toBe(0o644);
    expect(readdirSync(installation.root).filter((name) => name.endsWith('.next'))).toEqual([]);
  });

  it.each(['in force', 'apply', 'restart submitter'])(
    'goes on when it was cut off at: %s',
    async (deadly) => {
      installation = new Installation(['identity', 'kafka']);
      const before = own();
      installation.deadly = deadly;
      await expect(installation.rotate()).rejects.toThrow('killed');
      // Whatever key the service has now, it is one that everybody takes.
      expect(pinned()).toContain(own());
      const cutOff = PHASES.indexOf(installation.phase ?? 'waiting');
      await installation.rotate();
      expect(installation.phase).toBe('done');
      expect(PHASES.indexOf('done')).toBeGreaterThan(cutOff);
      expect(pinned()).toEqual([own(), before]);
      expect(installation.calls.filter((name) => name.startsWith('restart'))).toHaveLength(1);
    },
  );

  it('is done once', async () => {
    installation = new Installation(['kafka']);
    await installation.rotate();
    const password = installation.read('kafka.password');
    await installation.rotate();
    expect(installation.read('kafka.password')).toBe(password);
    expect(installation.calls).toEqual(['apply', 'restart submitter']);
  });
});

describe('one rotation at a time', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-rotation-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('goes on with the same, and refuses another one', () => {
    const file = new RotationFile(join(folder, 'rotation.json'));
    const wanted = [{ kids: ['node-1'], things: ['tls' as const] }];
    const first = openRotation(file, wanted, false, 24);
    expect(openRotation(file, wanted, false, 24)).toEqual(first);
    expect(openRotation(file, [], true, 24)).toEqual(first);
    const other = [{ kids: ['node-2'], things: ['tls' as const] }];
    file.save({ ...first, units: first.units.map((unit) => ({ ...unit, phase: 'announced' })) });
    expect(() => openRotation(file, other, false, 24)).toThrow('a rotation of node-1 that began');
    // Where nothing has been done yet, somebody may want something else.
    file.save(first);
    expect(openRotation(file, other, false, 24).units).toMatchObject(other);
  });

  it('belongs to one process, unless that has died', async () => {
    const file = join(folder, 'rotation.json');
    mkdirSync(`${file}.lock`);
    writeFileSync(join(`${file}.lock`, '999999999'), '');
    // The parent of this process is alive, and is another one.
    writeFileSync(join(`${file}.lock`, String(process.ppid)), '');
    await expect(holdRotation(file, async () => undefined)).rejects.toThrow('rotates identities here');
    rmSync(join(`${file}.lock`, String(process.ppid)));
    expect(await holdRotation(file, async () => 'mine')).toBe('mine');
    expect(existsSync(`${file}.lock`)).toBe(false);
  });
});
