import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { makeDeployment, type MadeDeployment, serviceDatabases } from '@quorate/deployment';
import { aclBindings, kafkaMessageLog, type MessageLog } from '@quorate/messaging';
import { parseConfig } from '@quorate/platform';
import { Client } from 'pg';
import { freePort, freePorts } from '../embedded/ports/free-ports';
import { type TemporaryStack, temporaryStack } from '../embedded/testing/temporary-stack';
import { prepareConfig } from './config';
import { prepareDeployment } from './prepare-deployment';
import { type PrepareVariables, startFolderParts } from './testing/folder-parts';

jest.setTimeout(60_000);

describe('preparing Kafka and Postgres for a deployment folder', () => {
  let temporary: TemporaryStack;
  let made: MadeDeployment;
  let environment: PrepareVariables;
  const notes: string[] = [];
  const logs: MessageLog[] = [];

  const prepare = (change: object = {}, patienceMs?: number) => {
    const config = parseConfig(prepareConfig, { ...environment, ...change });
    return prepareDeployment(config, (text) => notes.push(text), patienceMs);
  };
  const write = async (kid: string, topic: string, passwordFile: string) => {
    const ssl = { ca: readFileSync(made.layout.common.ca, 'utf8') };
    const sasl = { username: kid, password: readFileSync(passwordFile, 'utf8') };
    const log = kafkaMessageLog({ brokers: [environment.KAFKA_CLIENTS_BROKERS], ssl, sasl, clientId: kid });
    logs.push(log);
    const producer = await log.producer();
    await producer.send([{ topic, key: 'k', value: Buffer.from('v'), headers: {} }]);
  };
  const query = async (urlFile: string, text: string, change: (url: URL) => void = () => undefined) => {
    const url = new URL(readFileSync(urlFile, 'utf8'));
    change(url);
    const client = new Client({ connectionString: url.toString() });
    try {
      await client.connect();
      return (await client.query<{ owner: string }>(text)).rows;
    } finally {
      await client.end();
    }
  };
  const admin = () => {
    const { kafka, common } = made.layout;
    const [ca, cert, key] = [common.ca, kafka.admin.certFile, kafka.admin.keyFile].map((file) =>
      readFileSync(file, 'utf8'),
    );
    return {
      ...{ brokers: [environment.KAFKA_BROKERS], clientId: 'test' },
      ssl: { ca: ca ?? '', cert: cert ?? '', key: key ?? '' },
    };
  };

  beforeAll(async () => {
    temporary = await temporaryStack();
    const [kafka = 0, postgres = 0] = await freePorts(2);
    const unused = { chain: 0, grpc: 0, coordinator: 0, submitter: 0, auditor: 0, nodes: [] };
    made = await makeDeployment(
      join(temporary.folders.data, 'deployment'),
      { clients: ['shop', 'bank'], postgres: `127.0.0.1:${postgres}` },
      { ports: { kafka, ...unused }, user: { uid: 1000, gid: 1000 }, variables: {} },
    );
    environment = await startFolderParts(temporary, made.layout, { kafka, postgres });
  }, 120_000);
  afterAll(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await temporary.end();
  });

  it('lets everybody in with what their own folder holds, and nobody further', async () => {
    await prepare();
    expect(notes).toEqual(['topics: ready', 'users: 9', 'access rules: set', 'quotas: set', 'databases: 6']);
    const { layout, description } = made;
    await write('node-1', 'mpc.rounds.node-2', layout.service('node-1').kafkaPassword);
    await write('shop', 'mpc.requests', layout.client('shop').kafkaPassword);
    await expect(write('node-1', 'mpc.finals', layout.service('node-1').kafkaPassword)).rejects.toMatchObject(
      { code: 'kafka-access' },
    );
    for (const [database, [kid = '']] of serviceDatabases(description)) {
      const { databaseMigration, database: runtime } = layout.service(kid);
      await query(databaseMigration, 'CREATE TABLE mine (id int)');
      expect(await query(runtime, 'SELECT current_database() AS owner')).toEqual([{ owner: database }]);
      await expect(query(runtime, 'SELECT * FROM mine')).rejects.toThrow('permission denied');
      const elsewhere = database === 'quorate_audit' ? 'quorate_submitter' : 'quorate_audit';
      await expect(query(runtime, 'SELECT 1', (url) => (url.pathname = `/${elsewhere}`))).rejects.toThrow(
        'permission denied',
      );
    }
  });

  it('changes nothing when it runs again', async () => {
    const byText = (one: object, other: object) => JSON.stringify(one).localeCompare(JSON.stringify(other));
    const before = await aclBindings(admin());
    await prepare();
    expect((await aclBindings(admin())).sort(byText)).toEqual(before.sort(byText));
    await query(made.layout.service('node-1').databaseMigration, 'SELECT * FROM mine');
  });

  it('leaves alone whose folder has been moved to their own machine', async () => {
    const { layout } = made;
    const own = layout.service('node-2');
    const moved = join(temporary.folders.data, 'node-2');
    renameSync(own.folder, moved);
    notes.length = 0;
    await prepare();
    expect(notes).toContain('not in this folder, and left as they are: node-2');
    expect(notes).toContain('databases: 5');
    await write('node-2', 'mpc.rounds.node-1', join(moved, 'kafka.password'));
    await query(join(moved, 'database.url'), 'SELECT 1');
    renameSync(moved, own.folder);
  });

  it('makes a verifier that the server takes for the password itself', async () => {
    const { url, verifier, password } = made.layout.postgres;
    await query(url, `CREATE ROLE verified LOGIN PASSWORD '${readFileSync(verifier, 'utf8')}'`);
    const text = readFileSync(password, 'utf8');
    const asVerified = (secret: string) =>
      query(url, 'SELECT current_user AS owner', (own) => {
        own.username = 'verified';
        own.password = secret;
      });
    expect(await asVerified(text)).toEqual([{ owner: 'verified' }]);
    await expect(asVerified(`${text}0`)).rejects.toThrow('password authentication failed');
  });

  it('says what does not answer, after it has waited', async () => {
    const nowhere = `127.0.0.1:${await freePort()}`;
    await expect(prepare({ KAFKA_BROKERS: nowhere }, 1)).rejects.toMatchObject({
      code: 'not-ready',
      message: expect.stringContaining(`Kafka (${nowhere}): not ready`) as string,
    });
    notes.length = 0;
    await expect(
      prepare({ DATABASE_URL: `postgres://postgres:hush@${nowhere}/postgres` }, 1),
    ).rejects.toThrow(`Postgres (${nowhere}): not ready`);
    expect(notes.join()).not.toContain('hush');
    await expect(prepare({ KAFKA_CLIENTS_BROKERS: '' })).rejects.toThrow('KAFKA_CLIENTS_BROKERS');
  });
});
