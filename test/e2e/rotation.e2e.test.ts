import { type ChildProcess, spawn } from 'node:child_process';
import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { flattenedVerify } from 'jose';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { callApi, ForeignClient, type Received, type StackFile } from './foreign-client';
import { PROGRAM, quorate } from './operator';
import { readStack } from './running-stack';

type Stack = StackFile & { files: { peers: string } };

interface Verified {
  ok: boolean;
  violations: unknown[];
  checkpoint: { size: number };
  verified: number;
  unverified: { count: number; first?: { index: number } };
  story: { open: unknown[]; signatures: number };
}

interface Listed {
  identities: {
    kid: string;
    thing: string;
    fingerprint: string | null;
    until: string | null;
    remark: string;
  }[];
}

interface Replaced {
  replaced: { kids: string[]; things: string[] }[];
  finished: { kids: string[]; ends: Record<string, number> } | null;
}

jest.setTimeout(900_000);

const REPLACED = ['node-1', 'node-2', 'node-3', 'coordinator-1', 'submitter', 'operator'];

describe('everything that proves who somebody is, replaced on a running stack', () => {
  const before = readStack() as Stack;
  const data = dirname(dirname(before.files.peers));
  const file = (...names: string[]) => join(data, ...names);
  const privateKey = (kid: string) => createPrivateKey(readFileSync(file('identities', `${kid}.pem`)));
  const keysBefore = new Map([...REPLACED, 'auditor'].map((kid) => [kid, privateKey(kid)]));
  const passwordBefore = readFileSync(file('kafka-logins', 'coordinator-1.password'), 'utf8');
  const client = new ForeignClient(before);
  const answered: { at: number; final: Received }[] = [];
  let signing: Promise<void> | undefined;
  let isOver = false;
  let unverifiedBefore = 0;
  let listedBefore: Listed;

  /** One request after the other, each of which must be answered with a signature. */
  async function signOn(): Promise<void> {
    while (!isOver) {
      const request = client.request({ kind: 'eip191', message: `0x${randomUUID().replaceAll('-', '')}` });
      await client.send('mpc.requests', request.requestId, request);
      const final = await client.finalOf(request.requestId);
      expect(final.json).toMatchObject({ type: 'quorate.sign.completed.v1' });
      answered.push({ at: Date.now(), final });
    }
  }

  /** Waits until what the log's stories need has come. */
  async function verify(): Promise<Verified> {
    for (;;) {
      const report = await quorate<Verified>('audit', 'verify').catch((failure: { stdout?: string }) => {
        if (failure.stdout) return JSON.parse(failure.stdout) as Verified;
        throw failure;
      });
      if (!report.ok || report.story.open.length === 0) return report;
    }
  }

  beforeAll(async () => {
    await client.connect();
    ({
      unverified: { count: unverifiedBefore },
    } = await verify());
    listedBefore = await quorate<Listed>('identities', 'list');
    signing = signOn();
    signing.catch(() => undefined);
  }, 120_000);
  afterAll(async () => {
    isOver = true;
    await client.close();
  });

  it('goes on where it was killed, whatever it was about to do, while requests are served', async () => {
    for (const phase of ['announced', 'in-place', 'restarted']) await killAt(phase);
    const { replaced } = await quorate<Replaced>('identities', 'rotate');
    expect(replaced.flatMap(({ kids }) => kids)).toEqual([...REPLACED.slice(0, 5), 'auditor', 'operator']);
    const count = answered.length;
    expect(count).toBeGreaterThan(10);
    for (const kid of REPLACED) expect([kid, isKeyOf(kid, privateKey(kid))]).toEqual([kid, false]);
    expect(isKeyOf('auditor', privateKey('auditor'))).toBe(true);
    expect(listed(await quorate<Listed>('identities', 'list'), 'tls')).not.toEqual(
      listed(listedBefore, 'tls'),
    );
  });

  it('takes what a client signs with its former key, and with its new one', async () => {
    await quorate('identities', 'rotate', 'demo');
    const count = answered.length;
    while (answered.length < count + 2) await pause();
    const renewed = new ForeignClient(readStack());
    await renewed.connect();
    const request = renewed.request({ kind: 'eip191', message: '0x01' });
    await renewed.send('mpc.requests', request.requestId, request);
    expect((await renewed.finalOf(request.requestId)).json).toMatchObject({
      type: 'quorate.sign.completed.v1',
    });
    await renewed.close();
  });

  it('has answered everything, each answer under the key of its time', async () => {
    isOver = true;
    await signing;
    const [former, present] = [keysBefore.get('coordinator-1'), privateKey('coordinator-1')];
    const byFormer = await Promise.all(answered.map(({ final }) => isSignedBy(final, former)));
    const byPresent = await Promise.all(answered.map(({ final }) => isSignedBy(final, present)));
    const change = byFormer.indexOf(false);
    expect(change).toBeGreaterThan(0);
    expect(byFormer.every((is, n) => is === n < change)).toBe(true);
    expect(byPresent.every((is, n) => is === n >= change)).toBe(true);
  });

  it('is finished: former keys, passwords and tokens are refused', async () => {
    const { finished } = await quorate<Replaced>('identities', 'rotate', '--finish');
    expect(finished?.kids.toSorted()).toEqual([...REPLACED, 'demo'].toSorted());
    const request = client.request({ kind: 'eip191', message: '0x02' });
    await client.send('mpc.requests', request.requestId, request);
    expect((await client.deadLetterOf(request.requestId)).headers['dl_code']).toBe('bad-signature');
    expect((await callApi(before.audit, '/v1/events')).status).toBe(401);
    expect((await callApi(readStack().audit, '/v1/events')).status).toBe(200);
    await expect(login('coordinator-1', passwordBefore)).rejects.toThrow('SASL');
    await expect(openDatabase(before.databases.nodes['node-1'] ?? '')).rejects.toThrow('password');
    await openDatabase(readStack().databases.nodes['node-1'] ?? '');
    expect(
      (await quorate<Listed>('identities', 'list')).identities.map(({ remark }) => remark),
    ).not.toContain(expect.stringContaining('--finish'));
  });

  it('leaves a log that verifies from its first entry on, and takes nothing more of a former key', async () => {
    const report = await verify();
    expect(report).toMatchObject({ ok: true, violations: [], unverified: { count: unverifiedBefore } });
    const forged = await writeEvent('coordinator-1', keysBefore.get('coordinator-1'));
    await entryOf(forged, false);
    const genuine = await writeEvent('coordinator-1', privateKey('coordinator-1'));
    await entryOf(genuine, true);
    expect((await verify()).unverified.count).toBe(unverifiedBefore + 1);
  });

  it('serves its keys as before', async () => {
    const renewed = new ForeignClient(readStack());
    await renewed.connect();
    const request = renewed.request({ kind: 'eip191', message: '0x03' });
    await renewed.send('mpc.requests', request.requestId, request);
    const final = await renewed.finalOf(request.requestId);
    expect(final.json).toMatchObject({
      type: 'quorate.sign.completed.v1',
      keyId: before.key.keyId,
    });
    await renewed.verify(final);
    await renewed.close();
  });

  /** Starts the rotation and kills it with SIGKILL when a unit has got to the phase. */
  async function killAt(phase: string): Promise<void> {
    const rotation = file('rotation.json');
    const child: ChildProcess = spawn(
      process.execPath,
      [PROGRAM, '--json', '--stack', process.env['QUORATE_STACK_FILE'] ?? '', 'identities', 'rotate'],
      { stdio: 'ignore' },
    );
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const isThere = () =>
      existsSync(rotation) && readFileSync(rotation, 'utf8').includes(`"phase": "${phase}"`);
    while (!isThere() && child.exitCode === null) await pause(20);
    child.kill('SIGKILL');
    await ended;
    expect(isThere()).toBe(true);
  }

  function isKeyOf(kid: string, key: KeyObject): boolean {
    return keysBefore.get(kid)?.equals(key) === true;
  }

  function listed({ identities }: Listed, thing: string): (string | null)[] {
    return identities.filter((one) => one.thing === thing).map(({ fingerprint }) => fingerprint);
  }

  /** An event of the service as it would write it, signed with this key; resolves with its id. */
  async function writeEvent(kid: string, key: KeyObject | undefined): Promise<string> {
    if (key === undefined) throw new Error(`${kid} had no key`);
    const kafka = kafkaOf(kid, readFileSync(file('kafka-logins', `${kid}.password`), 'utf8'));
    const producer = kafka.producer();
    await producer.connect();
    const eventId = randomUUID();
    // Dated back: what the record claims of itself proves nothing.
    const occurredAt = '2026-11-01T00:00:00.000Z';
    const [type, source] = ['quorate.node.joined.v1', `/coordinator/${kid}`];
    const value = Buffer.from(
      JSON.stringify({
        ...{ type, eventId, streamId: `test:${eventId}`, streamPosition: 1, causationId: eventId },
        ...{ correlationId: eventId, occurredAt, actor: source, node: 'node-1' },
      }),
    );
    const headers = {
      ...{ ce_specversion: '1.0', ce_id: eventId, ce_source: source, ce_type: type, ce_time: occurredAt },
      ...{ 'content-type': 'application/json', jws: await client.jws(value, 'event', key, kid) },
    };
    await producer.send({ topic: client.topic('mpc.events'), messages: [{ key: eventId, value, headers }] });
    await producer.disconnect();
    return eventId;
  }

  /** Resolves when the auditor has the event, with this verdict on it. */
  async function entryOf(eventId: string, verified: boolean): Promise<void> {
    for (;;) {
      const answer = await callApi(readStack().audit, '/v1/events?order=desc&limit=20');
      const { events } = (await answer.json()) as {
        events: { data: { eventId?: string }; verified: boolean }[];
      };
      const found = events.find(({ data: content }) => content.eventId === eventId);
      if (found !== undefined) {
        expect(found.verified).toBe(verified);
        return;
      }
      await pause();
    }
  }

  async function login(kid: string, password: string): Promise<void> {
    const admin = kafkaOf(kid, password).admin();
    try {
      await admin.connect();
    } finally {
      await admin.disconnect();
    }
  }

  function kafkaOf(username: string, password: string): Kafka {
    const { brokers, caFile } = before.kafka;
    return new Kafka({
      ...{ clientId: 'thief', brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } },
      ssl: { ca: readFileSync(caFile ?? '', 'utf8') },
      sasl: { mechanism: 'scram-sha-512', username, password },
    });
  }

  async function openDatabase(url: string): Promise<void> {
    const database = new Client({ connectionString: url });
    try {
      await database.connect();
    } finally {
      await database.end();
    }
  }

  async function isSignedBy(record: Received, key: KeyObject | undefined): Promise<boolean> {
    if (key === undefined) return false;
    const [header = '', , signature = ''] = (record.headers['jws'] ?? '').split('.');
    const payload = record.value.toString('base64url');
    return flattenedVerify({ protected: header, payload, signature }, createPublicKey(key)).then(
      () => true,
      () => false,
    );
  }
});

function pause(milliseconds = 100): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
