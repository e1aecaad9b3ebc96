import { callFailureOf, callFailureTable } from './call-failure';

const word = (value: number) => value.toString(16).padStart(64, '0');
const text = `0x08c379a0${word(32)}${word(8)}${Buffer.from('too late').toString('hex').padEnd(64, '0')}`;
const panic = `0x4e487b71${word(0x11)}`;
const custom = '0x82b42900';

describe('callFailureOf', () => {
  it.each(callFailureTable.map(({ client, example, means }) => [client, example, means] as const))(
    'reads %s: "%s" as %s',
    (_, message, kind) => {
      expect(callFailureOf({ error: { code: -32000, message } })).toMatchObject({
        kind,
        reason: message.slice(0, 200),
      });
    },
  );

  it.each<[string, object, string]>([
    ['geth', { code: 3, message: 'execution reverted: too late', data: text }, 'too late'],
    [
      'geth, panic',
      { code: 3, message: 'execution reverted', data: panic },
      'panic 0x11 (arithmetic overflow',
    ],
    ['erigon', { code: 3, message: 'execution reverted: too late', data: text }, 'too late'],
    ['reth', { code: 3, message: 'execution reverted: too late', data: text }, 'too late'],
    ['reth, custom', { code: 3, message: 'execution reverted', data: custom }, 'custom error 0x82b42900'],
    ['nethermind', { code: -32015, message: 'VM execution error.', data: `Reverted ${text}` }, 'too late'],
    ['besu', { code: -32000, message: 'Execution reverted', data: text }, 'too late'],
    [
      'anvil',
      { code: 3, message: 'execution reverted: custom error 0x82b42900: \u0000', data: custom },
      'custom error 0x82b42900',
    ],
    [
      'hardhat',
      { code: -32603, message: 'Error: VM Exception', data: { message: 'x', data: text } },
      'too late',
    ],
    [
      'ganache',
      { code: -32000, message: 'VM Exception while processing transaction: revert', data: { result: text } },
      'too late',
    ],
    [
      'a wallet',
      { code: -32603, message: 'Internal JSON-RPC error.', data: { originalError: { code: 3, data: text } } },
      'too late',
    ],
    [
      'a gateway',
      { code: -32603, message: 'internal error', data: { code: 3, data: { cause: { data: panic } } } },
      'panic 0x11',
    ],
    [
      'a contract that speaks of money',
      { code: 3, message: 'execution reverted: insufficient funds for gas', data: '0x' },
      'insufficient funds',
    ],
    ['no reason', { code: 3, message: 'execution reverted', data: '0x' }, 'execution reverted'],
    [
      'the message only',
      { code: -32000, message: 'execution reverted: too late' },
      'execution reverted: too late',
    ],
    ['a text that nobody knows', { code: 3, message: 'nope\u0000\u202e', data: '0x' }, 'nope'],
  ])('finds what the contract said in the error of %s', (_, error, expected) => {
    const failure = callFailureOf({ error });
    expect(failure?.kind).toBe('reverts');
    expect(failure?.reason).toContain(expected);
    expect(failure?.reason).not.toMatch(/\p{C}/u);
  });

  it.each<[string, unknown]>([
    ['limits', { code: -32005, message: 'rate limit reached' }],
    ['another shape of limits', { code: -32000, message: 'daily request count exceeded', data: { rate: 1 } }],
    ['a node that is not ready', { code: -32000, message: 'node is syncing' }],
    ['a state that is gone', { code: -32000, message: 'missing trie node 0xab (path 0x01)' }],
    ['a block that it does not have', { code: -32000, message: 'header not found' }],
    ['a call that took too long', { code: -32000, message: 'execution aborted (timeout = 5s)' }],
    ['a database', { code: -32603, message: 'EVM error: Database(fork is away)' }],
    ['a missing method', { code: -32601, message: 'the method eth_call does not exist' }],
    ['bytes of nobody knows what', { code: -32000, message: 'internal error', data: '0x1234567890' }],
    [
      'an endless chain',
      { code: 1, message: 'x', data: { data: { data: { data: { data: { data: text } } } } } },
    ],
    ['no text', { code: 3 }],
    ['a gateway', { code: 3, message: 'invalid argument' }],
    ['nothing', undefined],
  ])('takes nothing for the failure of a call that is %s', (_, error) => {
    expect(callFailureOf({ error })).toBeUndefined();
  });
});
