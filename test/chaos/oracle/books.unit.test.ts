import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { identityJwk } from '@quorate/platform';
import { encodeRecord, recordSigner, topicNames } from '@quorate/protocol';
import { type TappedRecord } from '../observation/record-tap';
import { Books, sha256Hex } from './books';
import { ServiceSignatures } from './service-signature';
import { Violations } from './violations';

const topics = topicNames();
const services = ['coordinator-1', 'node-1', 'node-2', 'submitter'];
const keys = new Map(services.map((kid) => [kid, generateKeyPairSync('ed25519').privateKey]));
const identities = Object.fromEntries([...keys].map(([kid, key]) => [kid, identityJwk(key)]));
const request = Buffer.from('{"requestId":"r1"}');

let violations: Violations;
let books: Books;
beforeEach(() => {
  violations = new Violations();
  books = new Books(topics, new ServiceSignatures(identities), violations);
});

function record(
  kid: string,
  typ: 'final' | 'partial' | 'tx-outcome',
  topic: string,
  data: object,
): TappedRecord {
  const key = keys.get(kid);
  if (key === undefined) throw new Error(kid);
  const full = { id: randomUUID(), type: 'none', ...data };
  const { value, headers } = encodeRecord(
    { typ, source: `/service/${kid}`, data: full, key: 'k', time: new Date() },
    recordSigner(kid, key),
  );
  return {
    topic,
    partition: 0,
    offset: 0n,
    key: null,
    timestamp: 0,
    value,
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
    json: { ...full },
  };
}

const final = (data: object, kid = 'coordinator-1') =>
  record(kid, 'final', topics.finals, {
    type: 'quorate.sign.completed.v1',
    requestHash: sha256Hex(request),
    presignatureId: '0x01',
    ...data,
  });
const partial = (node: string, data: object) =>
  record(node, 'partial', topics.partials, {
    type: 'quorate.sign.partial.v1',
    requestHash: sha256Hex(request),
    presignatureId: '0x01',
    req: '0x02',
    u: '0x03',
    w: '0x04',
    ...data,
  });
const checks = () => violations.all.map(({ check }) => check);

it('notices a second end of an intent, unless the chain had lost the block of the first', () => {
  const outcome = (status: string, data: object = {}) =>
    record('submitter', 'tx-outcome', topics.outcomes, {
      type: `quorate.tx.${status}.v1`,
      intentHash: sha256Hex(request),
      status,
      ...data,
    });
  const [first, lost, second] = [
    outcome('confirmed', { block: 1 }),
    outcome('broadcast', { code: 'reorged' }),
    outcome('confirmed', { block: 2 }),
  ];
  books.take(first);
  books.take(lost);
  expect(books.endOf(request)).toBeUndefined();
  // What comes once more, by a replay, changes nothing.
  for (const taken of [second, first, lost, second]) books.take(taken);
  expect(books.endOf(request)?.value).toBe(second.value);
  expect(checks()).toEqual([]);
  books.take(outcome('confirmed', { block: 3 }));
  expect(checks()).toEqual(['one end per intent']);
});

it('takes the same final as often as it comes', () => {
  const once = final({});
  books.take(once);
  books.take(once);
  expect(checks()).toEqual([]);
  expect(books.finalOf(request)?.value).toBe(once.value);
});

it('notices a second, different final of a request', () => {
  books.take(final({}));
  books.take(final({}));
  expect(checks()).toEqual(['one outcome per request']);
});

it('notices one presignature in the finals of two requests', () => {
  books.take(final({}));
  books.take(final({ requestHash: sha256Hex('another') }));
  expect(checks()).toEqual(['one request per presignature']);
});

it('ignores finals that no coordinator signed', () => {
  books.take(final({}));
  books.take(final({}, 'node-1'));
  const changed = final({});
  books.take({ ...changed, value: Buffer.from(String(changed.value).replace('0x01', '0x09')) });
  expect(checks()).toEqual([]);
});

it('notices two shares of a node for one presignature, unless the attacker made one', () => {
  books.take(partial('node-1', {}));
  books.take(partial('node-2', { u: '0x07' }));
  const planted = partial('node-1', { u: '0x05' });
  books.plant(String(planted.headers['jws']));
  books.take(planted);
  expect(checks()).toEqual([]);
  books.take(partial('node-1', { u: '0x06' }));
  expect(checks()).toEqual(['one share per node and presignature']);
});

it('notices shares of two epochs for one presignature', () => {
  books.take(partial('node-1', { epoch: 3 }));
  books.take(partial('node-1', { epoch: 4, presignatureId: '0x02' }));
  expect(checks()).toEqual([]);
  books.take(partial('node-2', { epoch: 4 }));
  expect(checks()).toEqual(['one epoch per presignature']);
});

it('notices two signed requests of which at most one may be', () => {
  const [first, second] = [Buffer.from('first'), Buffer.from('second')];
  books.addRivals([first, second]);
  const share = (node: string, value: Buffer, presignatureId: string) =>
    books.take(partial(node, { requestHash: sha256Hex(value), presignatureId }));
  share('node-1', first, '0x11');
  share('node-2', first, '0x11');
  share('node-1', second, '0x12');
  share('node-2', second, '0x13');
  books.checkRivals(2);
  expect(checks()).toEqual([]);
  share('node-2', second, '0x12');
  books.checkRivals(2);
  expect(checks()).toEqual(['an intent is signed at one nonce']);
});

it('notices the dead letter of a good record, and of no other', () => {
  const good = final({});
  const letter = (value: Buffer | null, topic: string): TappedRecord => ({
    ...good,
    topic: topics.deadLetters,
    value,
    headers: { ...good.headers, dl_topic: Buffer.from(topic) },
  });
  books.take(letter(Buffer.from('garbage'), topics.finals));
  books.take(letter(good.value, topics.partials));
  const jws = String(good.headers['jws']);
  // It holds the same bytes: the last four bits of the last character are unused.
  const changed = jws.slice(0, -1) + String.fromCharCode(jws.charCodeAt(jws.length - 1) + 1);
  const damaged = letter(good.value, topics.finals);
  books.take({ ...damaged, headers: { ...damaged.headers, jws: Buffer.from(changed) } });
  expect(checks()).toEqual([]);
  books.take(letter(good.value, topics.finals));
  expect(checks()).toEqual(['no dead letter of a good record']);
});
