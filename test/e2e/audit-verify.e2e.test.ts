import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callApi, ForeignClient } from './foreign-client';
import { quorate } from './operator';
import { readStack } from './running-stack';

interface Verified {
  ok: boolean;
  violations: unknown[];
  checkpoint: { size: number };
  unverified: { count: number };
  story: { open: unknown[]; signatures: number; clientRecords: { checked: number; unknown: number } };
}

jest.setTimeout(120_000);

describe('the audit log of the running stack', () => {
  const stack = readStack();
  const client = new ForeignClient(stack);
  const folder = mkdtempSync(join(tmpdir(), 'quorate-verify-'));
  const file = (name: string, content?: string): string => {
    if (content !== undefined) writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const get = async (path: string) => (await callApi(stack.audit, path)).text();
  const sizeOf = (checkpoint: string) => Number(checkpoint.split('\n')[1]);

  /** What `audit verify` says, also when it finds something. */
  const verify = (...options: string[]): Promise<Verified> =>
    quorate<Verified>('audit', 'verify', ...options).catch((failure: { stdout?: string }) => {
      if (failure.stdout) return JSON.parse(failure.stdout) as Verified;
      throw failure;
    });

  beforeAll(() => client.connect(), 60_000);
  afterAll(async () => {
    await client.close();
    rmSync(folder, { recursive: true });
  });

  it('verifies from its tiles, and continues the checkpoint that was kept before', async () => {
    const kept = file('older.txt', await get('/v1/checkpoint'));
    // Too long for a leaf, which holds a digest of it.
    const request = client.request({ kind: 'eip191', message: `0x${'70'.repeat(40_000)}` });
    await client.send('mpc.requests', request.requestId, request);
    await client.finalOf(request.requestId);
    while (sizeOf(await get('/v1/checkpoint')) <= sizeOf(readFileSync(kept, 'utf8')))
      await new Promise((resolve) => setTimeout(resolve, 100));
    let verified = await verify('--older', kept);
    // The nodes' own events of the last request may still be on their way.
    while (verified.ok && verified.story.open.length > 0) verified = await verify('--older', kept);
    expect(verified).toMatchObject({ ok: true, unread: 0, violations: [] });
    expect(verified.checkpoint.size).toBeGreaterThan(sizeOf(readFileSync(kept, 'utf8')));
    expect(verified.story.signatures).toBeGreaterThan(0);
    expect(verified.story.clientRecords.checked).toBeGreaterThan(0);
  });

  it('verifies offline, from an export, with nothing but keys; and a changed export does not', async () => {
    const checkpoint = file('checkpoint.txt', await get('/v1/checkpoint'));
    const exported = file('audit.jsonl');
    await quorate('audit', 'export', '--out', exported);
    const key = stack.audit.logKeys[0] ?? '';
    const peers = {
      peers: Object.entries(stack.identities).map(([kid, publicKey]) => ({ kid, role: 'node', publicKey })),
    };
    const options = [
      '--checkpoint',
      checkpoint,
      '--key',
      key,
      '--peers',
      file('peers.json', JSON.stringify(peers)),
    ];
    expect(await verify('--export', exported, ...options)).toMatchObject({ ok: true, violations: [] });
    const lines = readFileSync(exported, 'utf8').split('\n');
    const changed = lines.map((line, i) => {
      if (i !== 3) return line;
      const entry = JSON.parse(line) as { value: string };
      const value = Buffer.from(
        Buffer.from(entry.value, 'base64').toString().replace('quorate', 'quorat3'),
      ).toString('base64');
      return JSON.stringify({ ...entry, value });
    });
    const tampered = file('changed.jsonl', changed.join('\n'));
    await expect(quorate('audit', 'verify', '--export', tampered, ...options)).rejects.toThrow();
    const removed = file('removed.jsonl', lines.filter((_, i) => i !== 3).join('\n'));
    await expect(quorate('audit', 'verify', '--export', removed, ...options)).rejects.toThrow();
  });

  it('proves an event by a file, with the public key alone', async () => {
    const { events } = JSON.parse(await get('/v1/events?type=quorate.sign.completed.v1&limit=1')) as {
      events: { data: { eventId: string } }[];
    };
    const eventId = events[0]?.data.eventId ?? '';
    const bundle = file('event.tlog-proof', await get(`/v1/proofs/bundle?eventId=${eventId}`));
    const proved = await quorate<{ ok: boolean; event: { eventId: string } }>(
      'audit',
      'verify',
      '--bundle',
      bundle,
    );
    expect(proved).toMatchObject({ ok: true, event: { eventId } });
  });
});
