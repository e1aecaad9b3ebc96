import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CLIENT_RECORD_TYPES, RECORD_TYPS } from '../record/record-types';
import { asyncApiDocument } from './document';
import { documentedMessages } from './messages';

const ROOT = join(__dirname, '..', '..', '..', '..');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const document = asyncApiDocument(version);

function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === '$ref' && typeof member === 'string' ? [member] : references(member),
  );
}

function resolve(reference: string): unknown {
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>(
      (value, name) => (typeof value === 'object' ? Reflect.get(value ?? {}, name) : undefined),
      document,
    );
}

test('every reference leads somewhere', () => {
  const all = references(document);
  expect(all.length).toBeGreaterThan(50);
  expect(all.filter((reference) => resolve(reference) === undefined)).toEqual([]);
});

test('every kind of record is documented once, but the two that are no records', () => {
  const names = documentedMessages.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const documented = new Set<string>(documentedMessages.map(({ typ }) => typ));
  expect(RECORD_TYPS.filter((typ) => !documented.has(typ))).toEqual(['approval', 'operator-command']);
  expect(documentedMessages.flatMap(({ types }) => types)).toEqual(
    expect.arrayContaining(Object.values(CLIENT_RECORD_TYPES)),
  );
});

test('what clients may leave out is not required', () => {
  expect(resolve('#/components/schemas/SignRequested')).toMatchObject({
    required: ['requestId', 'requester', 'keyId', 'payload', 'nonce', 'expiresAt'],
  });
});

test('docs/asyncapi.yaml is what the schemas say (npm run generate)', () => {
  const file = join(ROOT, 'docs', 'asyncapi.yaml');
  const written: unknown = parse(readFileSync(file, 'utf8'), { maxAliasCount: -1 });
  expect(written).toEqual(JSON.parse(JSON.stringify(document)));
});
