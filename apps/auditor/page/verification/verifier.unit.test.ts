import { ed25519 } from '@noble/curves/ed25519.js';
import {
  ED25519,
  eventLeaf,
  formatVerifierKey,
  Frontier,
  leafHash,
  type NodeId,
  proveConsistency,
  proveInclusion,
  signCheckpoint,
  verifierKey,
} from '@quorate/transparency-log';
import { type ConsistencyAnswer, type InclusionAnswer, type LogEvent } from '../api/answers';
import { type AuditApi } from '../api/audit-api';
import { ApiProblem } from '../api/problem';
import { KeyRing } from '../trust/trusted-keys';
import { Memory } from './memory';
import { type HeadVerdict, Verifier } from './verifier';

const secret = new Uint8Array(32).fill(1);
const key = verifierKey('test/log/0', ED25519, ed25519.getPublicKey(secret));
const utf8 = (text: string) => new TextEncoder().encode(text);

/** An honest auditor of a log that grows; `lie` changes what it answers. */
class Auditor {
  private readonly frontier = Frontier.empty();
  private readonly nodes = new Map<string, Uint8Array>();
  private readonly notes = new Map<number, string>();
  readonly leaves: Uint8Array[] = [];
  lie: { inclusion?: Partial<InclusionAnswer>; consistency?: Partial<ConsistencyAnswer> | ApiProblem } = {};

  constructor(
    size: number,
    what = 'entry',
    private readonly name = key.name,
  ) {
    for (let i = 0; i < size; i += 1) this.append(`${what} ${i}`);
  }

  append(what: string): void {
    const event = eventOf(this.leaves.length, what);
    const headers = { ce_type: event.type, ce_source: event.source, ce_time: event.time, jws: event.jws };
    const leaf = eventLeaf({
      headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, utf8(text ?? '')])),
      value: utf8(JSON.stringify(event.data)),
    });
    this.leaves.push(leaf);
    for (const { level, index, hash } of this.frontier.append(leafHash(leaf)))
      this.nodes.set(`${level}/${index}`, hash);
    const head = { origin: this.name, size: this.leaves.length, root: this.frontier.root() };
    this.notes.set(
      head.size,
      signCheckpoint(head, { ...key, name: this.name }, (message) => ed25519.sign(message, secret)),
    );
  }

  note(size = this.leaves.length): string {
    return this.notes.get(size) ?? '';
  }

  readonly api = {
    inclusion: async (log: number, index: number, size = this.leaves.length) => ({
      ...{ log, index, treeSize: size, leaf: this.leaves[index] ?? new Uint8Array() },
      ...{ hashes: await proveInclusion(this.read, index, size), checkpoint: this.note(size) },
      ...this.lie.inclusion,
    }),
    consistency: async (_log: number, from: number, to: number) => {
      if (this.lie.consistency instanceof ApiProblem) throw this.lie.consistency;
      const hashes = await proveConsistency(this.read, from, to);
      return { from, to, hashes, checkpoint: this.note(to), ...this.lie.consistency };
    },
  } as Partial<AuditApi> as AuditApi;

  private readonly read = async (wanted: readonly NodeId[]) =>
    wanted.map(({ level, index }) => this.nodes.get(`${level}/${index}`) ?? new Uint8Array());
}

function eventOf(index: number, what: string): LogEvent {
  return {
    ...{
      log: 0,
      index,
      type: 'quorate.node.joined.v1',
      source: '/node/node-1',
      time: '2026-12-01T12:00:00.000Z',
    },
    ...{ verified: true, reason: null, duplicateOf: null, jws: 'a..b' },
    data: { type: 'quorate.node.joined.v1', what, list: [1, { deep: null }] },
  };
}

class Drawer implements Storage {
  private readonly items = new Map<string, string>();
  readonly length = 0;
  key = () => null;
  clear = () => this.items.clear();
  getItem = (name: string) => this.items.get(name) ?? null;
  setItem = (name: string, value: string) => void this.items.set(name, value);
  removeItem = (name: string) => void this.items.delete(name);
}

/** A browser with its memory. */
function browser(pinned = formatVerifierKey(key)) {
  const drawer = new Drawer();
  const keys = new KeyRing(drawer);
  if (pinned !== '') keys.pin(pinned);
  const memory = new Memory(drawer);
  const alarms: HeadVerdict[] = [];
  const at = (auditor: Auditor) => new Verifier(auditor.api, keys, memory, (verdict) => alarms.push(verdict));
  return { at, memory, alarms, keys };
}

const failures = ({ checks }: HeadVerdict) =>
  checks.filter(({ state }) => state === 'failed').map(({ what }) => what);

describe('an entry', () => {
  it('is verified when all holds, and its head is remembered', async () => {
    const auditor = new Auditor(9);
    const { at, memory, alarms } = browser();
    for (let i = 0; i < 9; i += 1) {
      const verdict = await at(auditor).entry(eventOf(i, `entry ${i}`));
      expect([verdict.outcome, failures(verdict)]).toEqual(['verified', []]);
    }
    expect([memory.read(0)?.size, alarms.length]).toEqual([9, 0]);
  });

  it('is partly verified while no key is pinned', async () => {
    const verdict = await browser('').at(new Auditor(3)).entry(eventOf(1, 'entry 1'));
    expect(verdict.outcome).toBe('partial');
    expect(verdict.checks.find(({ what }) => what === 'signature')?.state).toBe('open');
  });

  it.each<[string, (auditor: Auditor) => void, string]>([
    ['the leaf is another', (a) => (a.lie = { inclusion: { leaf: a.leaves[2] ?? utf8('') } }), 'inclusion'],
    ['the proof is about another entry', (a) => (a.lie = { inclusion: { index: 2 } }), 'inclusion'],
    ['the proof is about another log', (a) => (a.lie = { inclusion: { log: 1 } }), 'inclusion'],
    ['the proof is cut short', (a) => (a.lie = { inclusion: { hashes: [] } }), 'inclusion'],
    ['the size is not that of the checkpoint', (a) => (a.lie = { inclusion: { treeSize: 4 } }), 'inclusion'],
    [
      'the checkpoint is of an earlier tree',
      (a) => (a.lie = { inclusion: { checkpoint: a.note(4) } }),
      'inclusion',
    ],
    [
      'the checkpoint is changed',
      (a) => (a.lie = { inclusion: { checkpoint: a.note().replace('\n5\n', '\n6\n') } }),
      'signature',
    ],
    ['the checkpoint is none', (a) => (a.lie = { inclusion: { checkpoint: 'hello' } }), 'signature'],
  ])('is refused when %s', async (_, lie, what) => {
    const auditor = new Auditor(5);
    lie(auditor);
    const { at, memory, alarms } = browser();
    const verdict = await at(auditor).entry(eventOf(1, 'entry 1'));
    expect(verdict.outcome).toBe('failed');
    expect(failures(verdict)).toContain(what);
    expect([alarms.length, memory.read(0)]).toEqual([1, undefined]);
  });

  it.each<[string, Partial<LogEvent>]>([
    ['other content', { data: { ...eventOf(1, 'entry 1').data, what: 'x' } }],
    ['less content', { data: { type: 'quorate.node.joined.v1' } }],
    ['no content', { data: null }],
    ['another type', { type: 'quorate.sign.completed.v1' }],
    ['another writer', { source: '/node/node-2' }],
    ['another time', { time: '2026-12-01T12:00:01.000Z' }],
    ['another signature', { jws: 'c..d' }],
  ])('is refused when it is shown with %s than it is proved with', async (_, change) => {
    const verdict = await browser()
      .at(new Auditor(5))
      .entry({ ...eventOf(1, 'entry 1'), ...change });
    expect(failures(verdict)).toEqual(['content']);
  });
});

describe('a head', () => {
  it('continues what was seen, or is an earlier part of it', async () => {
    const auditor = new Auditor(6);
    const { at, memory } = browser();
    for (const size of [3, 6, 4, 6])
      expect((await at(auditor).head(0, auditor.note(size))).outcome).toBe('verified');
    expect(memory.read(0)?.size).toBe(6);
  });

  it.each<[string, Auditor, RegExp]>([
    ['has another history of the same size', new Auditor(5, 'other'), /two histories/],
    ['has another history and more entries', new Auditor(8, 'other'), /do not begin with/],
    ['has another history and fewer entries', new Auditor(3, 'other'), /do not begin with|become shorter/],
    ['has another name', new Auditor(5, 'entry', 'test/log/1'), /called test\/log\/1/],
  ])('is refused when it %s', async (_, liar, words) => {
    const { at, memory, alarms } = browser('');
    await at(new Auditor(5)).head(0, new Auditor(5).note());
    const verdict = await at(liar).head(0, liar.note());
    expect(verdict.checks.find(({ what }) => what === 'continuity')?.text).toMatch(words);
    expect([verdict.outcome, alarms.length, memory.read(0)?.size]).toEqual(['failed', 1, 5]);
  });

  it.each([
    [404, 'failed'],
    [400, 'failed'],
    [503, 'partial'],
    [0, 'partial'],
    [401, 'partial'],
  ])('without a proof of its past, answered with %i, is %s', async (status, outcome) => {
    const auditor = new Auditor(6);
    const { at, memory } = browser();
    await at(auditor).head(0, auditor.note(3));
    auditor.lie = { consistency: new ApiProblem(status, 'no', '') };
    expect((await at(auditor).head(0, auditor.note())).outcome).toBe(outcome);
    expect(memory.read(0)?.size).toBe(3);
  });

  it('is refused when the proof of its past is about other sizes', async () => {
    const auditor = new Auditor(6);
    const { at } = browser();
    await at(auditor).head(0, auditor.note(3));
    auditor.lie = { consistency: { from: 6, hashes: [] } };
    expect(failures(await at(auditor).head(0, auditor.note()))).toEqual(['continuity']);
  });

  it('signed by another key of the same name is refused', async () => {
    const other = verifierKey(key.name, ED25519, ed25519.getPublicKey(new Uint8Array(32).fill(2)));
    const auditor = new Auditor(2);
    expect(failures(await browser(formatVerifierKey(other)).at(auditor).head(0, auditor.note()))).toEqual([
      'signature',
    ]);
  });
});

describe('the pinned keys', () => {
  const other = formatVerifierKey(
    verifierKey('other/log', ED25519, ed25519.getPublicKey(new Uint8Array(32).fill(3))),
  );

  it('are not replaced by a link', () => {
    const { keys } = browser();
    keys.offer([other, 'nonsense']);
    expect([keys.trusted.value.log, keys.offered.value]).toEqual([formatVerifierKey(key), other]);
  });

  it('are taken from a link while there are none', () => {
    const { keys } = browser('');
    keys.offer(['nonsense', other]);
    expect([keys.trusted.value.log, keys.offered.value]).toEqual([other, undefined]);
  });

  it('are one of the log at most, and all of them keys', () => {
    const { keys } = browser('');
    expect(() => keys.pin(`${other}\n${formatVerifierKey(key)}`)).toThrow('two keys of logs');
    expect(() => keys.pin('nonsense')).toThrow('NAME+ID+KEY');
    expect(keys.trusted.value.log).toBeUndefined();
  });
});
