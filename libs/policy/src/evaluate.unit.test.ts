import { contractFunction, encodeCall } from '@quorate/evm';
import { checksumAddress, type TypedData } from '@quorate/protocol';
import fc from 'fast-check';
import { evaluatePolicy, explainPolicy } from './evaluate';
import { type ClientEntry } from './file/requester-entry';
import { matchesPath } from './rules/access';
import { type PolicySubject } from './subject';
import { ADDRESS, alice, jwk, legacyTransaction, OTHER, subject, TOKEN, transfer } from './testing/entries';

/** The rule that refuses, or `allowed`. */
function verdict(entry: ClientEntry, request: PolicySubject): string {
  const decision = evaluatePolicy(entry, request);
  return decision.allowed ? 'allowed' : decision.rule;
}

/** Alice with these rules for chain 1; none for the others. */
const onChain1 = (rules: object): ClientEntry => alice({ chains: ['1'], transactions: { 1: rules } });
const call = (declaration: string, ...values: unknown[]): string =>
  encodeCall(contractFunction(declaration), values);
const MAX_UINT256 = 2n ** 256n - 1n;

describe('what a requester may use', () => {
  const personal = alice();

  it('allows what the entry names', () => {
    expect(verdict(personal, subject())).toBe('allowed');
    expect(verdict(personal, transfer())).toBe('allowed');
    expect(verdict(personal, transfer({ data: '0x12345678', value: MAX_UINT256 }))).toBe('allowed');
  });

  it.each<[string, PolicySubject]>([
    ['key', subject({ keyId: 'k_2' })],
    ['path', subject({ path: 'm/44/61/0' })],
    ['payload-kind', subject({ payloadKind: 'bytes' })],
    ['payload-kind', { ...transfer(), payloadKind: 'evm-cancel' }],
    ['chain', transfer({ chainId: 137n })],
    ['raw-digest', subject({ payloadKind: 'digest' })],
    ['contract-creation', transfer({ to: null })],
  ])('refuses by rule %s', (rule, request) => {
    expect(verdict(personal, request)).toBe(rule);
  });

  it('signs raw digests only where the entry says so and names the kind', () => {
    const digest = subject({ payloadKind: 'digest' });
    expect(verdict(alice({ rawDigests: true }), digest)).toBe('payload-kind');
    expect(verdict(alice({ payloadKinds: ['digest'] }), digest)).toBe('raw-digest');
    expect(verdict(alice({ rawDigests: true, payloadKinds: ['digest'] }), digest)).toBe('allowed');
  });

  it('names the first broken rule, and explains all that apply', () => {
    const request = { ...transfer({ chainId: 137n }), path: 'm/1' };
    expect(verdict(personal, request)).toBe('path');
    const broken = explainPolicy(personal, request).filter(({ allowed }) => !allowed);
    expect(broken.map(({ rule }) => rule)).toEqual(['path', 'chain']);
  });

  it.each([
    ['*', 'm/1/2', true],
    ['m', 'm', true],
    ['m', 'm/0', false],
    ['m/44/60/*', 'm/44/60/0/0/7', true],
    ['m/44/60/*', 'm/44/60', false],
    ['m/44/6/*', 'm/44/60/0', false],
    ['m/44/60/0', 'm/44/60/0', true],
  ])('path %s against %s: %s', (pattern, path, expected) => {
    expect(matchesPath(pattern, path)).toBe(expected);
  });
});

describe('transactions on a chain with rules', () => {
  it('go to listed destinations, whatever their spelling in the file', () => {
    const entry = onChain1({ destinations: [checksumAddress(OTHER)] });
    expect(verdict(entry, transfer({ to: OTHER }))).toBe('allowed');
    expect(verdict(entry, transfer({ to: ADDRESS }))).toBe('destination');
  });

  it('create contracts only where that is said', () => {
    expect(verdict(onChain1({ destinations: ['*'] }), transfer({ to: null }))).toBe('contract-creation');
    const builder = onChain1({ contractCreation: true, destinations: [ADDRESS], calls: [] });
    expect(verdict(builder, transfer({ to: null, data: '0x6000' }))).toBe('allowed');
  });

  it.each<[string, object, object, object]>([
    ['value', { value: { perTransaction: '1000' } }, { value: 1000n }, { value: 1001n }],
    ['value', { value: { perTransaction: '0' } }, { value: 0n }, { value: 1n }],
    ['fee-per-gas', { fees: { maxFeePerGas: '50' } }, { maxFeePerGas: 50n }, { maxFeePerGas: 51n }],
    ['gas-limit', { fees: { gasLimit: '21000' } }, { gasLimit: 21_000n }, { gasLimit: 21_001n }],
    [
      'fee-total',
      { fees: { total: '1050000' } },
      { gasLimit: 21_000n, maxFeePerGas: 50n },
      { gasLimit: 21_000n, maxFeePerGas: 51n },
    ],
  ])('keep rule %s up to its limit', (rule, rules, atLimit, above) => {
    expect(verdict(onChain1(rules), transfer(atLimit))).toBe('allowed');
    expect(verdict(onChain1(rules), transfer(above))).toBe(rule);
  });

  it('of type 0 have their gas price limited as a fee per gas', () => {
    const entry = onChain1({ fees: { maxFeePerGas: '50' } });
    const priced = (gasPrice: bigint) => ({ ...transfer(), transaction: legacyTransaction(gasPrice) });
    expect(verdict(entry, priced(50n))).toBe('allowed');
    expect(verdict(entry, priced(51n))).toBe('fee-per-gas');
  });

  it('refuse exactly the amounts above a limit', () => {
    const amount = fc.bigInt({ min: 0n, max: MAX_UINT256 });
    fc.assert(
      fc.property(amount, amount, (limit, value) => {
        const entry = onChain1({ value: { perTransaction: String(limit) } });
        expect(verdict(entry, transfer({ value }))).toBe(value <= limit ? 'allowed' : 'value');
      }),
      { numRuns: 50 },
    );
  });

  it('follow the rules of "*" on chains without their own', () => {
    const entry = alice({
      chains: ['*'],
      transactions: { 1: { value: { perTransaction: '10' } }, '*': { value: { perTransaction: '1' } } },
    });
    expect(verdict(entry, transfer({ value: 10n }))).toBe('allowed');
    expect(verdict(entry, transfer({ chainId: 5n, value: 10n }))).toBe('value');
    const only1 = Object.fromEntries(
      Object.entries(entry.transactions ?? {}).filter(([chain]) => chain === '1'),
    );
    expect(verdict({ ...entry, transactions: only1 }, transfer({ chainId: 5n }))).toBe('chain');
  });
});

describe('calls', () => {
  const transferTo = 'transfer(address to, uint256 amount)';
  const entry = onChain1({
    calls: [
      { function: 'pause()' },
      {
        to: [ADDRESS],
        function: 'swap((address,uint256)[] orders, bytes32 salt, bool exact, int256 tick)',
        arguments: {
          salt: { oneOf: [`0x${'AB'.repeat(32)}`] },
          exact: { oneOf: ['true'] },
          tick: { min: '-5', max: '5' },
        },
      },
      { to: [OTHER], function: transferTo, arguments: { to: { oneOf: [ADDRESS] }, amount: { max: '10' } } },
      { to: [OTHER], function: transferTo, arguments: { to: { oneOf: [TOKEN] }, amount: { max: '99' } } },
    ],
  });
  const at = (to: string, data: string): string => verdict(entry, transfer({ to, data }));
  const swap = (change: { salt?: string; exact?: boolean; tick?: bigint } = {}): string =>
    call(
      'swap((address,uint256)[],bytes32,bool,int256)',
      [[OTHER, 1n]],
      change.salt ?? `0x${'ab'.repeat(32)}`,
      change.exact ?? true,
      change.tick ?? -5n,
    );

  it('without data are plain transfers', () => {
    expect(at(ADDRESS, '0x')).toBe('allowed');
  });

  it('of functions that no rule names are refused', () => {
    expect(at(ADDRESS, call('pause()'))).toBe('allowed');
    expect(at(ADDRESS, call('unpause()'))).toBe('function');
    expect(at(TOKEN, swap())).toBe('function');
    expect(at(ADDRESS, '0x00')).toBe('function');
    expect(verdict(onChain1({ calls: [] }), transfer({ data: '0x00000000' }))).toBe('function');
  });

  it.each<[string, string]>([
    ['an extra byte', `${call('pause()')}00`],
    ['an extra word', `${call(transferTo, ADDRESS, 1n)}${'00'.repeat(32)}`],
    ['a missing byte', call(transferTo, ADDRESS, 1n).slice(0, -2)],
    ['no arguments', call(transferTo, ADDRESS, 1n).slice(0, 10)],
    [
      'dirty bytes before an address',
      call(transferTo, ADDRESS, 1n).replace('00'.repeat(12), `${'00'.repeat(11)}01`),
    ],
  ])('with %s are refused', (_, data) => {
    expect(
      verdict(onChain1({ calls: [{ function: 'pause()' }, { function: transferTo }] }), transfer({ data })),
    ).toBe('function');
  });

  it.each<[string, string]>([
    ['allowed', swap()],
    ['allowed', swap({ tick: 5n })],
    ['argument', swap({ tick: 6n })],
    ['argument', swap({ tick: -6n })],
    ['argument', swap({ exact: false })],
    ['argument', swap({ salt: `0x${'ac'.repeat(32)}` })],
  ])('keep the limits of their arguments: %s', (expected, data) => {
    expect(at(ADDRESS, data)).toBe(expected);
  });

  it('have to fit one rule as a whole', () => {
    expect(at(OTHER, call(transferTo, ADDRESS, 10n))).toBe('allowed');
    expect(at(OTHER, call(transferTo, ADDRESS, 11n))).toBe('argument');
    expect(at(OTHER, call(transferTo, TOKEN, 99n))).toBe('allowed');
    expect(at(OTHER, call(transferTo, OTHER, 1n))).toBe('argument');
  });
});

describe('tokens', () => {
  const entry = onChain1({
    tokens: [
      { token: TOKEN, functions: ['transfer', 'approve'], recipients: [ADDRESS], perTransaction: '1000' },
      { token: OTHER },
    ],
    calls: [{ function: 'approve(address,uint256)' }, { function: 'deposit()' }],
  });
  const at = (to: string, data: string): string => verdict(entry, transfer({ to, data, value: 0n }));

  it.each<[string, string, string]>([
    ['allowed', 'transfer(address,uint256)', ADDRESS],
    ['allowed', 'approve(address,uint256)', ADDRESS],
    ['token-recipient', 'transfer(address,uint256)', OTHER],
    ['token-recipient', 'approve(address,uint256)', OTHER],
  ])('%s: %s to %s', (expected, declaration, recipient) => {
    expect(at(TOKEN, call(declaration, recipient, 1000n))).toBe(expected);
  });

  it('keep their amount per transaction, also in approvals', () => {
    for (const name of ['transfer', 'approve']) {
      expect(at(TOKEN, call(`${name}(address,uint256)`, ADDRESS, 1001n))).toBe('token-amount');
      expect(at(TOKEN, call(`${name}(address,uint256)`, ADDRESS, MAX_UINT256))).toBe('token-amount');
    }
  });

  it('move only by the functions that are named, whatever "calls" says', () => {
    expect(at(TOKEN, call('transferFrom(address,address,uint256)', ADDRESS, ADDRESS, 1n))).toBe('function');
    expect(at(OTHER, call('approve(address,uint256)', ADDRESS, 1n))).toBe('function');
    expect(at(ADDRESS, call('approve(address,uint256)', ADDRESS, 1n))).toBe('allowed');
    expect(at(TOKEN, call('deposit()'))).toBe('allowed');
  });

  it('are no call with hidden bytes', () => {
    expect(at(TOKEN, `${call('transfer(address,uint256)', ADDRESS, 1n)}00`)).toBe('function');
  });

  it('forbid calls of other contracts that no rule names', () => {
    const only = onChain1({ tokens: [{ token: TOKEN }] });
    const data = call('transfer(address,uint256)', ADDRESS, 1n);
    expect(verdict(only, transfer({ to: TOKEN, data }))).toBe('allowed');
    expect(verdict(only, transfer({ to: OTHER, data }))).toBe('function');
  });
});

describe('typed data', () => {
  const permit = (change: object = {}, domain: object = {}): PolicySubject => {
    const typedData: TypedData = {
      types: {
        Permit: [
          { name: 'spender', type: 'address' },
          { name: 'value', type: 'uint256' },
        ],
      },
      primaryType: 'Permit',
      domain: { name: 'USD Coin', chainId: 1, verifyingContract: TOKEN, ...domain },
      message: { spender: ADDRESS, value: '1000', ...change },
    };
    return subject({ payloadKind: 'eip712', typedData });
  };
  const entry = alice({
    typedData: [
      {
        chainId: '1',
        verifyingContract: TOKEN,
        primaryTypes: ['Permit'],
        fields: { spender: { oneOf: [ADDRESS] }, value: { max: '1000' } },
      },
    ],
  });

  it('is free without rules', () => {
    expect(verdict(alice(), permit({}, { chainId: 5 }))).toBe('allowed');
  });

  it.each<[string, PolicySubject]>([
    ['allowed', permit()],
    ['allowed', permit({ value: '0x3e8' }, { chainId: '0x1' })],
    ['allowed', permit({ value: 1000, spender: ADDRESS.toUpperCase().replace('0X', '0x') })],
    ['typed-data', permit({}, { chainId: 5 })],
    ['typed-data', permit({}, { chainId: undefined })],
    ['typed-data', permit({}, { verifyingContract: OTHER })],
    ['typed-data-field', permit({ value: '1001' })],
    ['typed-data-field', permit({ value: '0x3e9' })],
    ['typed-data-field', permit({ spender: OTHER })],
    ['typed-data-field', permit({ value: undefined })],
  ])('%s', (expected, request) => {
    expect(verdict(entry, request)).toBe(expected);
  });

  it('refuses other types of the same contract', () => {
    const request = permit();
    const typedData = request.typedData && { ...request.typedData, primaryType: 'Order' };
    expect(verdict(entry, { ...request, ...(typedData && { typedData }) })).toBe('typed-data');
  });

  it('never takes a field that the type does not have', () => {
    const strict = alice({ typedData: [{ primaryTypes: ['Permit'], fields: { deadline: { max: '1' } } }] });
    expect(verdict(strict, permit({ deadline: '1' }))).toBe('typed-data-field');
  });
});

describe('working hours', () => {
  const entry = alice({
    workingHours: { timeZone: 'Europe/Zurich', days: ['mon', 'tue'], from: '08:00', to: '18:00' },
  });

  it.each<[string, string]>([
    ['2026-12-01T07:00:00Z', 'allowed'],
    ['2026-12-01T06:59:59Z', 'working-hours'],
    ['2026-12-01T16:59:59Z', 'allowed'],
    ['2026-12-01T17:00:00Z', 'working-hours'],
    ['2026-12-02T12:00:00Z', 'working-hours'],
    // In summer the same clock is an hour earlier in UTC.
    ['2026-06-30T06:00:00Z', 'allowed'],
    ['2026-06-30T16:00:00Z', 'working-hours'],
  ])('at %s: %s', (at, expected) => {
    expect(verdict(entry, subject({ at: new Date(at) }))).toBe(expected);
  });

  it('last until midnight when they end at 24:00, and the day is the local one', () => {
    const late = alice({
      workingHours: { timeZone: 'Asia/Tokyo', days: ['wed'], from: '00:00', to: '24:00' },
    });
    expect(verdict(late, subject({ at: new Date('2026-12-01T15:00:00Z') }))).toBe('allowed');
    expect(verdict(late, subject({ at: new Date('2026-12-02T14:59:59Z') }))).toBe('allowed');
    expect(verdict(late, subject({ at: new Date('2026-12-02T15:00:00Z') }))).toBe('working-hours');
  });
});

describe('approvals', () => {
  const approvers = ['bob', 'carol', 'dave'].map((kid) => ({ kid, publicKey: jwk() }));
  const entry = alice({ approvals: { required: 2, approvers } });

  it.each<[string[], string]>([
    [[], 'approvals'],
    [['bob'], 'approvals'],
    [['bob', 'bob'], 'approvals'],
    [['bob', 'alice'], 'approvals'],
    [['bob', 'mallory'], 'approvals'],
    [['bob', 'dave'], 'allowed'],
    [['bob', 'carol', 'dave'], 'allowed'],
  ])('by %j: %s', (approvedBy, expected) => {
    expect(verdict(entry, subject({ approvedBy }))).toBe(expected);
  });
});
