import { aliceFields, jwk, policyFields, TOKEN } from '../testing/entries';
import { parsePolicy, type PolicyProblem, readPolicy } from './parse-policy';

function problems(content: unknown): readonly PolicyProblem[] {
  const parsed = parsePolicy(typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  return parsed.ok ? [] : parsed.problems;
}

const with_ = (change: object) => policyFields({ ...aliceFields(), ...change });
const rules = (change: object) => with_({ transactions: { 1: change, 31337: {} } });

describe('a policy file', () => {
  const operatorKey = jwk();
  const file = policyFields(aliceFields(), { kid: 'submitter', publicKey: jwk(), role: 'submitter' });

  it('becomes the policy in force, with a hash that changes with its content', () => {
    const policy = readPolicy(JSON.stringify(file), 'policy.json');
    expect([...policy.requesters.keys()]).toEqual(['alice', 'submitter']);
    expect(policy.hash).toMatch(/^0x[0-9a-f]{64}$/);
    expect(policy.reshare.minimumThreshold).toBe(2);
    expect(readPolicy(JSON.stringify(file, null, 4), 'policy.json').hash).toBe(policy.hash);
    expect(readPolicy(JSON.stringify({ ...file, policyVersion: '2' }), 'policy.json').hash).not.toBe(
      policy.hash,
    );
  });

  it('may say what it is called, comment on everything, and raise the floor of a reshare', () => {
    const requesters = [
      { ...aliceFields(), comment: 'the treasury', transactions: { '*': { comment: 'any' } } },
    ];
    const content = {
      ...file,
      policyVersion: '2026-12',
      comment: 'x',
      reshare: { minimumThreshold: 3 },
      requesters,
    };
    const policy = readPolicy(JSON.stringify(content), 'policy.json');
    expect(policy).toMatchObject({ policyVersion: '2026-12', reshare: { minimumThreshold: 3 } });
  });

  it('says file, line, column, path and reason of each mistake', () => {
    const text = JSON.stringify(rules({ value: { perTransaction: 5 }, fees: { gaslimit: '1' } }), null, 2);
    const lines = text.split('\n');
    const lineOf = (part: string) => lines.findIndex((line) => line.includes(part)) + 1;
    expect(() => readPolicy(text, '/etc/policy.json')).toThrow(
      `/etc/policy.json:${lineOf('perTransaction')}:13: requesters[0].transactions.1.value.perTransaction: must be a decimal string`,
    );
    expect(() => readPolicy(text, '/etc/policy.json')).toThrow(
      `/etc/policy.json:${lineOf('gaslimit')}:13: requesters[0].transactions.1.fees.gaslimit: there is no field "gaslimit" here: did you mean "gasLimit"?`,
    );
  });

  it.each<[string, string, string, number]>([
    ['a trailing comma', '{\n "version": 1,\n}', 'property name expected', 3],
    ['a comment', '{\n// no\n}', 'invalid comment token', 2],
    ['an open string', '{\n\n"version: 1}', 'unexpected end of string', 3],
    ['nothing', '', 'value expected', 1],
    ['a list', '[]', 'not a JSON object', 1],
    ['a byte order mark', '\ufeff{}', 'not JSON', 1],
    ['deep nesting', `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 'deeper than 32', 1],
    ['a name given twice', '{\n"version": 1,\n"version": 1\n}', 'given twice', 3],
    ['a name given twice in a list', '{"a": [{"b": 1,\n"b": 2}]}', 'given twice', 2],
    ['__proto__', '{"__proto__": {}}', 'not allowed', 1],
  ])('that is %s is refused with its line', (_, text, reason, line) => {
    expect(problems(text)[0]).toMatchObject({ line, reason: expect.stringContaining(reason) as string });
  });

  it.each<[string, object, string, RegExp]>([
    [
      'more operators required than named',
      { ...file, operators: { required: 2, keys: [{ kid: 'o', publicKey: jwk() }] } },
      'operators.required',
      /larger/,
    ],
    [
      'one operator under two names',
      {
        ...file,
        operators: {
          required: 2,
          keys: [
            { kid: 'o', publicKey: operatorKey },
            { kid: 'p', publicKey: operatorKey },
          ],
        },
      },
      'operators.keys',
      /same key/,
    ],
    ['two requesters of one name', policyFields(aliceFields(), aliceFields()), 'requesters', /same kid/],
    ['no operators', { version: 1, requesters: [] }, 'operators', /missing/],
    ['an unknown version', { ...file, version: 2 }, 'version', /must be 1/],
    [
      'a threshold of one',
      { ...file, reshare: { minimumThreshold: 1 } },
      'reshare.minimumThreshold',
      /at least 2/,
    ],
    ['a role that is none', with_({ role: 'king' }), 'requesters[0].role', /"client" or "submitter"/],
    ['a hardened path', with_({ paths: ["m/44'"] }), 'requesters[0].paths[0]', /path/],
    ['a chain that is no number', with_({ chains: ['0x1'] }), 'requesters[0].chains[0]', /chain id/],
    ['a misspelt field', with_({ workinghours: {} }), 'requesters[0].workinghours', /"workingHours"/],
    ['a field of another world', with_({ xyzzy: 1 }), 'requesters[0].xyzzy', /only kid, publicKey/],
    [
      'rules for a chain that is not allowed',
      with_({ transactions: { '*': {}, 5: {} } }),
      'requesters[0].transactions.5',
      /never apply/,
    ],
    [
      'a chain without rules beside one with',
      with_({ transactions: { 1: {} } }),
      'requesters[0].transactions',
      /31337/,
    ],
    [
      'a limit as a number',
      rules({ value: { perTransaction: 1 } }),
      'requesters[0].transactions.1.value.perTransaction',
      /decimal string/,
    ],
    [
      'a negative limit',
      rules({ fees: { total: '-1' } }),
      'requesters[0].transactions.1.fees.total',
      /decimal/,
    ],
    [
      'a window of no length',
      rules({ value: { windows: [{ period: '0h', max: '1' }] } }),
      'requesters[0].transactions.1.value.windows[0].period',
      /period/,
    ],
    [
      'a window of a year',
      rules({ value: { windows: [{ period: '365d', max: '1' }] } }),
      'requesters[0].transactions.1.value.windows[0].period',
      /31d/,
    ],
    [
      'a window without a limit',
      rules({ value: { windows: [{ period: '1h' }] } }),
      'requesters[0].transactions.1.value.windows[0].max',
      /missing/,
    ],
    [
      'two windows of one length',
      rules({
        value: {
          windows: [
            { period: '1h', max: '1' },
            { period: '1h', max: '2' },
          ],
        },
      }),
      'requesters[0].transactions.1.value.windows',
      /once/,
    ],
    [
      'an address with a typo',
      rules({ destinations: ['0x9D8A62f656a8d1615C1294fd71e9CFb3E4855A4f'] }),
      'requesters[0].transactions.1.destinations[0]',
      /checksum/,
    ],
    [
      'no destination',
      rules({ destinations: [] }),
      'requesters[0].transactions.1.destinations',
      /leave it out/,
    ],
    [
      'a function that is none',
      rules({ calls: [{ function: 'transfer' }] }),
      'requesters[0].transactions.1.calls[0].function',
      /declares no function/,
    ],
    [
      'a limit of no parameter',
      rules({ calls: [{ function: 'a(uint256 amount)', arguments: { amuont: { max: '1' } } }] }),
      'requesters[0].transactions.1.calls[0].arguments.amuont',
      /"amount"/,
    ],
    [
      'a range of addresses',
      rules({ calls: [{ function: 'a(address to)', arguments: { to: { max: '1' } } }] }),
      'requesters[0].transactions.1.calls[0].arguments.to',
      /integers/,
    ],
    [
      'a limit of nothing',
      rules({ calls: [{ function: 'a(address)', arguments: { 0: {} } }] }),
      'requesters[0].transactions.1.calls[0].arguments.0',
      /limit something/,
    ],
    [
      'a listed value of another type',
      rules({ calls: [{ function: 'a(address)', arguments: { 0: { oneOf: ['1'] } } }] }),
      'requesters[0].transactions.1.calls[0].arguments.0',
      /address/,
    ],
    [
      'a token twice',
      rules({ tokens: [{ token: TOKEN }, { token: TOKEN.toUpperCase().replace('0X', '0x') }] }),
      'requesters[0].transactions.1.tokens[1].token',
      /checksum/,
    ],
    [
      'a token twice, spelt the same',
      rules({ tokens: [{ token: TOKEN }, { token: TOKEN }] }),
      'requesters[0].transactions.1.tokens',
      /once/,
    ],
    [
      'an unknown token function',
      rules({ tokens: [{ token: TOKEN, functions: ['mint'] }] }),
      'requesters[0].transactions.1.tokens[0].functions[0]',
      /transferFrom/,
    ],
    [
      'a time zone that is none',
      with_({ workingHours: { timeZone: 'Mars', days: ['mon'], from: '08:00', to: '09:00' } }),
      'requesters[0].workingHours.timeZone',
      /Europe\/Zurich/,
    ],
    [
      'hours that end before they begin',
      with_({ workingHours: { timeZone: 'UTC', days: ['mon'], from: '18:00', to: '08:00' } }),
      'requesters[0].workingHours.to',
      /later/,
    ],
    [
      'more approvals than approvers',
      with_({ approvals: { required: 2, approvers: [{ kid: 'bob', publicKey: jwk() }] } }),
      'requesters[0].approvals.required',
      /larger/,
    ],
    [
      'typed data of no type',
      with_({ typedData: [{ primaryTypes: [] }] }),
      'requesters[0].typedData[0].primaryTypes',
      /at least one/,
    ],
  ])('with %s is refused at its place', (_name, content, path, reason) => {
    expect(problems(content)).toContainEqual(
      expect.objectContaining({ path, reason: expect.stringMatching(reason) as string }),
    );
  });

  it('does not let one person approve twice, or a requester approve itself under another name', () => {
    const [own, other] = [jwk(), jwk()];
    const approvals = (...approvers: object[]) =>
      with_({ publicKey: own, approvals: { required: 1, approvers } });
    const bob = { kid: 'bob', publicKey: other };
    expect(problems(approvals(bob, bob))[0]?.reason).toMatch(/same kid/);
    expect(problems(approvals(bob, { kid: 'carol', publicKey: other }))[0]?.reason).toMatch(/same key/);
    expect(problems(approvals({ kid: 'carol', publicKey: own }))[0]?.reason).toMatch(/key of alice itself/);
    expect(problems(approvals({ kid: 'alice', publicKey: own }))).toEqual([]);
    const former = [{ publicKey: jwk(), until: '2026-12-01T00:00:00Z' }];
    const itself = { required: 1, approvers: [{ kid: 'carol', publicKey: former[0]?.publicKey }] };
    const rotated = with_({ publicKey: own, formerKeys: former, approvals: itself });
    expect(problems(rotated)[0]?.reason).toMatch(/key of alice itself/);
  });
});
