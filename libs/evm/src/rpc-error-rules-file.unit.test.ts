import { parseErrorRules } from './rpc-error-rules-file';

const good = {
  client: 'my-node',
  pattern: 'pool is asleep',
  class: 'pool-full',
  example: 'The pool is asleep',
};

const file = (...entries: unknown[]) =>
  `[\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`;

describe('parseErrorRules', () => {
  it('reads rules that match in upper and lower case', () => {
    const [rule] = parseErrorRules(file(good), 'errors.json');
    expect(rule).toMatchObject({ client: 'my-node', class: 'pool-full' });
    expect('POOL IS ASLEEP').toMatch(rule?.pattern ?? /never/);
  });

  it.each([
    ['[\n{"client": "a",\n]', 'errors.json, line 3'],
    ['{}', 'errors.json, line 1: a list was expected'],
    ['', 'errors.json, line 1'],
    [file(good, { ...good, class: 'gone' }), 'line 3, entry 2: class'],
    [file({ ...good, pattern: '(' }), 'line 2, entry 1: pattern'],
    [file({ ...good, pattern: '(((' + 'x' }), 'is not a regular expression'],
    [file({ ...good, pattern: 'x*|pool' }), 'matches every text'],
    [file({ ...good, example: 'awake' }), 'does not match its example'],
    [file(good, { ...good, class: 'known' }), 'line 3, entry 2: example: entry 1 matches it already'],
    [file({ ...good, extra: 1 }), 'entry 1'],
    [file(good, 7), 'line 3, entry 2'],
  ])('names the place of what is wrong in %j', (text, expected) => {
    expect(() => parseErrorRules(text, 'errors.json')).toThrow(expected);
  });

  it('names every wrong entry', () => {
    const text = file({ ...good, pattern: '((((' }, good, { ...good, client: '' });
    expect(() => parseErrorRules(text, 'errors.json')).toThrow(/entry 1: .*; line 4, entry 3: client/);
  });
});
