import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../logging/logger';
import { identityJwk } from './identity-key';
import { IdentityKeys } from './identity-keys';
import { PeerDirectory } from './peer-directory';
import { readJsonFile, filesInForce } from './watched-file';
import { requestersFile, requestersInLog } from './requester-directory';

const logger = createLogger('test', 'silent');
const [first, second, third] = [newKey(), newKey(), newKey()];
const END = Date.parse('2026-12-01T12:00:00Z');

function newKey(): KeyObject {
  return generateKeyPairSync('ed25519').publicKey;
}

describe('the keys of a kid', () => {
  const keys = new IdentityKeys(second, [{ publicKey: first, until: END, logs: { '0': 100, '1': 7 } }]);

  it('decide now: the former one until its end, and not at it', () => {
    expect(keys.at(END - 1)).toEqual([second, first]);
    expect(keys.at(END)).toEqual([second]);
  });

  it('in the audit log: the former one below its index of that log, whatever time it is', () => {
    expect(keys.inLog({ log: 0, index: 99 })).toEqual([second, first]);
    expect(keys.inLog({ log: 0, index: 100 })).toEqual([second]);
    expect(keys.inLog({ log: 0, index: 100n })).toEqual([second]);
    expect(keys.inLog({ log: 1, index: 7n })).toEqual([second]);
  });

  it('have no end in a log before somebody has said where it is', () => {
    const open = new IdentityKeys(second, [{ publicKey: first, until: END }]);
    expect(open.inLog({ log: 0, index: 1e9 })).toEqual([second, first]);
    expect(open.at(END)).toEqual([second]);
  });

  it('are one where nothing was replaced', () => {
    expect(new IdentityKeys(first).at(END)).toBe(first);
    expect(new IdentityKeys(first).inLog({ log: 0, index: 0 })).toBe(first);
  });
});

describe('files that pin keys', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-keys-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const entry = (kid: string, present: KeyObject, ...former: KeyObject[]) => ({
    ...{ kid, role: 'node', publicKey: identityJwk(present) },
    formerKeys: former.map((key) => ({
      ...{ publicKey: identityJwk(key), until: '2026-12-01T12:00:00Z', logs: { 0: 5 } },
    })),
  });
  function peers(...entries: object[]): string {
    const file = join(folder, 'peers.json');
    writeFileSync(file, JSON.stringify({ peers: entries }));
    return file;
  }
  const raw = (keys: ReturnType<ReturnType<PeerDirectory['lookup']>>) =>
    [keys ?? []].flat().map((key) => identityJwk(key).x);
  const x = (...keys: KeyObject[]) => keys.map((key) => identityJwk(key).x);

  it('tell former keys from present ones', () => {
    const directory = PeerDirectory.load(peers(entry('node-1', second, first)));
    jest.useFakeTimers({ now: END - 1 });
    try {
      expect(raw(directory.lookup('node')('node-1'))).toEqual(x(second, first));
      expect(raw(directory.lookup('coordinator')('node-1'))).toEqual([]);
      jest.setSystemTime(END);
      expect(raw(directory.lookup('node')('node-1'))).toEqual(x(second));
    } finally {
      jest.useRealTimers();
    }
    expect(raw(directory.inLog()('node-1', { log: 0, index: 4 }))).toEqual(x(second, first));
    expect(raw(directory.inLog()('node-1', { log: 0, index: 5 }))).toEqual(x(second));
    expect(directory.ownerOf('node', (key) => identityJwk(key).x === identityJwk(first).x)).toBe('node-1');
    expect(raw(directory.everyKeyOf('node-1'))).toEqual(x(second, first));
  });

  it('are followed while they change, and what is wrong changes nothing', () => {
    const file = peers(entry('node-1', first));
    const directory = PeerDirectory.watch(file, logger);
    const lookup = directory.lookup();
    const before = filesInForce()['peers.json'];
    try {
      peers(entry('node-1', second, first), entry('node-2', third));
      process.emit('SIGHUP', 'SIGHUP');
      expect(raw(directory.get('node-1')?.publicKey)).toEqual(x(second));
      expect(raw(lookup('node-2'))).toEqual(x(third));
      expect(filesInForce()['peers.json']).not.toBe(before);
      writeFileSync(file, '{ "peers": 7 }');
      process.emit('SIGHUP', 'SIGHUP');
      expect(raw(lookup('node-2'))).toEqual(x(third));
    } finally {
      directory.close();
    }
  });

  it.each([
    ['a former key that is a present one', entry('node-1', first, first), 'present key of an entry'],
    [
      'an end that is no time',
      { ...entry('node-1', second), formerKeys: [{ publicKey: identityJwk(first), until: 'tomorrow' }] },
      'peers.0.formerKeys.0.until',
    ],
    [
      'no end at all',
      { ...entry('node-1', second), formerKeys: [{ publicKey: identityJwk(first) }] },
      'peers.0.formerKeys.0.until',
    ],
    [
      'something that this version does not know',
      {
        ...entry('node-1', second),
        formerKeys: [{ publicKey: identityJwk(first), until: '2026-12-01T12:00:00Z', always: true }],
      },
      'peers.0.formerKeys.0',
    ],
  ])('are refused with %s', (_, wrong, where) => {
    expect(() => PeerDirectory.load(peers(wrong))).toThrow(where);
  });

  it('of requesters say what a log may hold of each key', () => {
    const file = join(folder, 'requesters.json');
    const alice = { ...entry('alice', second, first), role: 'client' };
    writeFileSync(file, JSON.stringify({ requesters: [alice] }));
    const lookup = requestersInLog(readJsonFile(file, requestersFile));
    expect(raw(lookup('alice', { log: 0, index: 4 }))).toEqual(x(second, first));
    expect(raw(lookup('alice', { log: 0, index: 5 }))).toEqual(x(second));
    expect(lookup('bob', { log: 0, index: 0 })).toBeUndefined();
  });
});
