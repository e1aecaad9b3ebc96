import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { leafWithRecord, type LogLeaf, readExportLine } from '@quorate/audit-verifier';
import { AuditClient } from '@quorate/client';
import { Invalid, Unavailable } from '@quorate/platform';
import { eventLeaf, parseEntryBundle, TILE_WIDTH, tilePath } from '@quorate/transparency-log';
import { refusalOf } from '../refusal';

const TIMEOUT_MS = 30_000;

/** An auditor, or any other place that serves a log as C2SP tlog-tiles has it. */
export interface LogPlace {
  readonly url: string;
  readonly token?: string | null | undefined;
  readonly log: number;
}

/** The newest checkpoint, a signed note. @throws Unavailable when the auditor is away, Invalid when it has no such log. */
export async function readCheckpoint(place: LogPlace): Promise<string> {
  return Buffer.from(await read(place, 'checkpoint')).toString();
}

/**
 * The leaves of a log from its entry bundles, in order. A long record, of which a leaf holds a digest, is asked of the auditor.
 *
 * @throws Unavailable, Invalid.
 */
export async function* tileLeaves(place: LogPlace, size: number): AsyncGenerator<LogLeaf> {
  for (let index = 0; index * TILE_WIDTH < size; index += 1) {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
    const bundle = await read(place, tilePath({ level: 'entries', index, width }));
    let at = index * TILE_WIDTH;
    for (const bytes of parseEntryBundle(bundle)) {
      const leaf = leafWithRecord(bytes);
      yield leaf.record === undefined ? await withLongRecord(place, at, leaf) : leaf;
      at += 1;
    }
  }
}

/** The leaf proves the auditor's answer: what does not lead to it is not taken. */
async function withLongRecord(place: LogPlace, index: number, leaf: LogLeaf): Promise<LogLeaf> {
  const entry = await new AuditClient({ url: place.url, token: place.token }).entry(place.log, index);
  if (entry?.data === undefined || entry.data === null) return leaf;
  const { data, type, source, time, jws } = entry;
  const headers = { ce_id: data['eventId'], ce_type: type, ce_source: source, ce_time: time, jws };
  const record = {
    headers: Object.fromEntries(
      Object.entries(headers).flatMap(([name, text]) =>
        typeof text === 'string' ? [[name, Buffer.from(text)]] : [],
      ),
    ),
    value: Buffer.from(JSON.stringify(data)),
  };
  return Buffer.compare(eventLeaf(record), leaf.leaf) === 0 ? { ...leaf, record } : leaf;
}

/**
 * The leaves of one log in an export, in order.
 *
 * @throws Invalid when a line is none of an export, or an entry is missing.
 */
export async function* exportLeaves(file: string, log: number): AsyncGenerator<LogLeaf> {
  let next = 0;
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number += 1;
    if (line === '') continue;
    const entry = readExportLine(line);
    if ('problem' in entry) throw new Invalid('export', `${file}, line ${number}: ${entry.problem}`);
    if (entry.log !== log) continue;
    if (entry.index !== next) {
      throw new Invalid(
        'export',
        `${file}, line ${number}: entry ${entry.index} follows entry ${next - 1}; ` +
          'an entry was removed, or this is not an export of everything in ascending order',
      );
    }
    next += 1;
    yield entry;
  }
}

async function read({ url, token, log }: LogPlace, path: string): Promise<Uint8Array> {
  const headers = token ? { authorization: `Bearer ${token}` } : undefined;
  const where = new URL(`/log/${log}/${path}`, url);
  let response: Response;
  try {
    response = await fetch(where, { ...(headers && { headers }), signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new Unavailable('audit', `the auditor at ${url} did not answer`, { cause });
  }
  throw await refusalOf(response);
}
