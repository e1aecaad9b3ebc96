import fc from 'fast-check';
import { readStrictJson } from './strict-json';

function read(text: string | Uint8Array) {
  return readStrictJson(typeof text === 'string' ? Buffer.from(text) : text);
}

function nested(levels: number): string {
  return `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
}

describe('depth', () => {
  test('32 levels are taken, 33 are not', () => {
    expect(read(nested(32))).toMatchObject({ ok: true });
    expect(read(nested(33))).toMatchObject({ ok: false, code: 'too-deep' });
  });

  test('arrays count as objects do, and brackets in strings do not', () => {
    expect(read(`{"a":${'['.repeat(31)}${']'.repeat(31)}}`)).toMatchObject({ ok: true });
    expect(read(`{"a":${'['.repeat(32)}${']'.repeat(32)}}`)).toMatchObject({ code: 'too-deep' });
    expect(read(JSON.stringify({ a: '[{"\\'.repeat(100) }))).toMatchObject({ ok: true, problems: [] });
  });

  test('half a megabyte of brackets is refused without parsing', () => {
    const started = performance.now();
    expect(read('['.repeat(512 * 1024))).toMatchObject({ code: 'too-deep' });
    expect(performance.now() - started).toBeLessThan(100);
  });
});

describe('text', () => {
  test.each([
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'not-utf8'],
    ['an encoded surrogate', Buffer.from('7b2261223a22eda08022 7d'.replace(' ', ''), 'hex'), 'not-utf8'],
    ['an overlong form', Buffer.from('7b2261223a22c0af227d', 'hex'), 'not-utf8'],
    ['a byte order mark', Buffer.from('\ufeff{}'), 'not-json'],
    ['nothing', Buffer.alloc(0), 'not-json'],
    ['a number', Buffer.from('1'), 'not-json'],
    ['an array', Buffer.from('[]'), 'not-json'],
    ['null', Buffer.from('null'), 'not-json'],
    ['two values', Buffer.from('{}{}'), 'not-json'],
    ['a comment', Buffer.from('{/**/}'), 'not-json'],
    ['a raw control character', Buffer.from('{"a":"\u0000"}'), 'not-json'],
  ])('%s', (_, bytes, code) => {
    expect(read(bytes)).toMatchObject({ ok: false, code });
  });
});

describe('content problems', () => {
  test.each([
    ['an escaped U+0000', '{"a":{"b":["x\\u0000"]}}', 'a.b[0]: must not contain U+0000'],
    ['an escaped lone surrogate', '{"a":"\\ud800"}', 'a: must not contain U+0000'],
    ['a reversed pair', '{"a":"\\udc00\\ud800"}', 'a: must not contain'],
    ['one in a name', '{"\\ud800":1}', 'must not contain'],
    ['__proto__', '{"a":{"__proto__":{"admin":true}}}', 'a.__proto__: this name is not allowed'],
    ['a duplicate', '{"a":{"b":1,"b":2}}', 'b: appears twice'],
    ['an escaped duplicate', '{"a":1,"\\u0061":2}', 'a: appears twice'],
  ])('%s', (_, text, problem) => {
    const json = read(text);
    expect(json.ok && json.problems.join()).toContain(problem);
  });

  test('a real pair, the same name in two objects, and names in arrays are fine', () => {
    const text = '{"a":"\\ud83d\\ude00","b":[{"a":1},{"a":1}],"c":{"a":1}, "d" : ["a","a"]}';
    expect(read(text)).toMatchObject({ ok: true, problems: [], ambiguous: [] });
  });

  test('only duplicates of the outermost object make its members ambiguous', () => {
    expect(read('{"a":1,"a":2,"b":{"c":1,"c":2}}')).toMatchObject({ ambiguous: ['a'] });
  });

  test('__proto__ changes no prototype', () => {
    const json = read('{"__proto__":{"requester":"alice"}}');
    expect(json.ok && json.data.requester).toBeUndefined();
    expect(Object.hasOwn(Object.prototype, 'requester')).toBe(false);
  });
});

describe('any input', () => {
  test('what JSON.stringify writes is read back the same', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((name) => name !== '__proto__' && !name.includes('\0')),
          fc.jsonValue({ maxDepth: 4 }),
        ),
        (data) => {
          const json = read(JSON.stringify(data));
          expect(json.ok && json.data).toEqual(JSON.parse(JSON.stringify(data)));
        },
      ),
    );
  });

  test('bytes and mutated JSON are answered, never thrown', () => {
    const almost = fc.tuple(fc.json(), fc.nat(), fc.nat(255)).map(([text, at, byte]) => {
      const bytes = Buffer.from(`{"a":${text}}`);
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), almost), (bytes) => {
        expect(typeof readStrictJson(bytes).ok).toBe('boolean');
      }),
      { numRuns: 500 },
    );
  });
});
