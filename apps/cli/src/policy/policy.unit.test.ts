import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contractFunction, encodeCall, encodeUnsignedTransaction } from '@quorate/evm';
import { identityJwk } from '@quorate/platform';
import { signDetached } from '@quorate/protocol';
import { asFailure, EXIT } from '../exit-code';
import { createProgram } from '../program';

const keys = { alice: generateKeyPairSync('ed25519'), submitter: generateKeyPairSync('ed25519') };
const jwkOf = (kid: keyof typeof keys) => identityJwk(keys[kid].publicKey);
const TOKEN = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48';
const DESTINATION = '0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f';
const AT = '2026-12-01T12:00:00Z';

const policy = {
  version: 1,
  policyVersion: '2026-12',
  operators: { required: 1, keys: [{ kid: 'operator', publicKey: jwkOf('alice') }] },
  requesters: [
    {
      ...{ kid: 'alice', publicKey: jwkOf('alice'), role: 'client', keys: ['*'], paths: ['*'] },
      payloadKinds: ['evm-transaction', 'evm-intent', 'eip191'],
      chains: ['1'],
      transactions: {
        1: {
          value: { windows: [{ period: '24h', max: '100' }] },
          tokens: [{ token: TOKEN, perTransaction: '1000' }],
          fees: { gasLimit: '100000' },
        },
      },
    },
    {
      ...{ kid: 'submitter', publicKey: jwkOf('submitter'), role: 'submitter' },
      cancel: { maxFeePerGas: '50', gasLimit: '21000', perHour: 2 },
    },
  ],
};

const request = {
  ...{ requestId: 'order-1', requester: 'alice', keyId: 'k_1', nonce: `0x${'11'.repeat(32)}` },
  expiresAt: '2026-12-01T12:05:00Z',
};
const transfer = (amount: bigint): string =>
  encodeCall(contractFunction('transfer(address,uint256)'), [DESTINATION, amount]);
const unsigned = (change: Parameters<typeof encodeUnsignedTransaction>[0]): string =>
  encodeUnsignedTransaction({
    ...{ chainId: 1n, nonce: 5, to: TOKEN, value: 0n, gasLimit: 60_000n },
    ...{ maxFeePerGas: 9n, maxPriorityFeePerGas: 1n },
    ...change,
  }).unsigned;
const intent = {
  ...{ intentId: 'payout-77', requester: 'alice', keyId: 'k_1', chainId: '1', to: TOKEN, value: '0' },
  ...{ data: transfer(1000n), maxFeePerGas: '9', maxCost: '540000', expiresAt: request.expiresAt },
};

describe('quorate policy check', () => {
  let folder: string;
  let written: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-policy-'));
    written = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written += String(text);
      return true;
    });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  const file = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    return path;
  };
  /** The failure of a command; exit code 0 and what it printed when it succeeds. */
  const run = async (...args: string[]) => {
    try {
      await createProgram().parseAsync(['node', 'quorate', 'policy', 'check', ...args]);
      return { exitCode: EXIT.ok, message: written, document: {} };
    } catch (thrown) {
      return asFailure(thrown);
    }
  };
  const explain = (content: object, ...more: string[]) =>
    run(file('policy.json', policy), '--request', file('request.json', content), '--at', AT, ...more);

  it('tells what a valid policy is', async () => {
    await run(file('policy.json', policy), '--json');
    expect(JSON.parse(written)).toMatchObject({ valid: true, policyVersion: '2026-12' });
  });

  it('names line and reason of what is not valid', async () => {
    const text = JSON.stringify(policy, null, 2).replace('"perTransaction"', '"perTransactoin"');
    const path = file('policy.json', text);
    const line = text.split('\n').findIndex((content) => content.includes('Transactoin')) + 1;
    expect(await run(path)).toMatchObject({
      exitCode: EXIT.failure,
      message: expect.stringContaining(
        `${path}:${line}:15: requesters[0].transactions.1.tokens[0]`,
      ) as string,
      document: {
        valid: false,
        problems: [{ line, reason: expect.stringContaining('did you mean') as string }],
      },
    });
  });

  it('explains a request that would be signed: facts, decoded call, rules', async () => {
    const payload = { kind: 'evm-transaction', unsigned: unsigned({ data: transfer(1000n), value: 7n }) };
    expect(await explain({ ...request, payload }, '--json')).toMatchObject({ exitCode: EXIT.ok });
    const document = JSON.parse(written) as { findings: { rule: string; allowed: boolean }[] };
    expect(document).toMatchObject({
      allowed: true,
      facts: {
        digest: expect.stringMatching(/^0x[0-9a-f]{64}$/) as string,
        to: TOKEN,
        call: { signature: 'transfer(address,uint256)', arguments: { to: DESTINATION, amount: '1000' } },
      },
    });
    expect(document.findings.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining([
        'expired',
        'key',
        'chain',
        'function',
        'token-amount',
        'gas-limit',
        'value-window',
      ]),
    );
    expect(document.findings.every(({ allowed }) => allowed)).toBe(true);
  });

  it.each<[string, object]>([
    ['token-amount', { payload: { kind: 'evm-transaction', unsigned: unsigned({ data: transfer(1001n) }) } }],
    ['value-window', { payload: { kind: 'evm-transaction', unsigned: unsigned({ value: 101n }) } }],
    [
      'payload-kind',
      {
        payload: {
          kind: 'eip712',
          typedData: { types: { A: [] }, primaryType: 'A', domain: {}, message: {} },
        },
      },
    ],
    ['expired', { expiresAt: AT, payload: { kind: 'eip191', message: '0x' } }],
    ['unauthorized', { requester: 'bob', payload: { kind: 'eip191', message: '0x' } }],
  ])('says that a request is refused by %s', async (rule, change) => {
    const failure = await explain({ ...request, ...change });
    expect(failure).toMatchObject({ exitCode: EXIT.rejected, document: { allowed: false, rule } });
    expect(written).toMatch(new RegExp(`FAIL +${rule} `));
  });

  it('judges an intent at its ceilings', async () => {
    expect(await explain(intent)).toMatchObject({ exitCode: EXIT.ok });
    expect(written).toMatch(/gasLimit +60000/);
    expect(await explain({ ...intent, maxCost: '900009' })).toMatchObject({
      document: { rule: 'gas-limit' },
    });
  });

  it('explains what a submitter asks for: intents and cancelling transactions', async () => {
    const bytes = Buffer.from(JSON.stringify(intent));
    const jws = signDetached(keys.alice.privateKey, 'alice', 'tx-intent', bytes);
    const asked = (change: Parameters<typeof unsigned>[0]) => ({
      ...{ ...request, requester: 'submitter' },
      payload: {
        kind: 'evm-intent',
        unsigned: unsigned({ data: transfer(1000n), ...change }),
        intent: { bytes: bytes.toString('base64url'), jws },
      },
    });
    expect(await explain(asked({}))).toMatchObject({ exitCode: EXIT.ok });
    expect(await explain(asked({ to: DESTINATION }))).toMatchObject({
      document: { rule: 'intent-destination' },
    });
    const cancel = (change: Parameters<typeof unsigned>[0]) => ({
      ...{ ...request, requester: 'submitter' },
      payload: { kind: 'evm-cancel', unsigned: unsigned({ gasLimit: 21_000n, ...change }) },
    });
    expect(await explain(cancel({}))).toMatchObject({ exitCode: EXIT.ok });
    expect(await explain(cancel({ value: 1n }))).toMatchObject({ document: { rule: 'cancel-value' } });
  });

  it('takes approvals as given', async () => {
    const [alice, ...others] = policy.requesters;
    const approvals = { required: 1, approvers: [{ kid: 'bob', publicKey: jwkOf('submitter') }] };
    const strict = file('policy.json', { ...policy, requesters: [{ ...alice, approvals }, ...others] });
    const asked = file('request.json', { ...request, payload: { kind: 'eip191', message: '0x' } });
    const args = [strict, '--request', asked, '--at', AT];
    expect(await run(...args)).toMatchObject({ document: { rule: 'approvals' } });
    expect(await run(...args, '--approved-by', 'bob')).toMatchObject({ exitCode: EXIT.ok });
  });

  it.each([
    ['that is missing', undefined],
    ['that is no JSON', '{'],
    ['that is no request', { requestId: 'a' }],
    [
      'with a transaction that is none',
      { ...request, payload: { kind: 'evm-transaction', unsigned: '0x02c0' } },
    ],
  ])('is wrong usage with a request file %s', async (_, content) => {
    const path = content === undefined ? join(folder, 'none.json') : file('request.json', content);
    expect(await run(file('policy.json', policy), '--request', path)).toMatchObject({ exitCode: EXIT.usage });
  });
});
