import { generateKeyPairSync } from 'node:crypto';
import { commandId, type HaltChange } from '@quorate/halts';
import { identityJwk } from '@quorate/platform';
import { policyFile } from '@quorate/policy';
import { signDetached } from '@quorate/protocol';
import { OperatorHalts } from './operator-halts';

const ID = `0x${'11'.repeat(32)}`;
const operators = ['operator-1', 'operator-2'].map((kid) => ({ kid, ...generateKeyPairSync('ed25519') }));
const stranger = { kid: 'operator-1', ...generateKeyPairSync('ed25519') };
const policy = policyFile.parse({
  version: 1,
  operators: {
    required: 2,
    keys: operators.map(({ kid, publicKey }) => ({ kid, publicKey: identityJwk(publicKey) })),
  },
  requesters: [],
});

const soon = () => new Date(Date.now() + 60_000).toISOString();
const stamp = () => ({ expiry: soon(), nonce: ID });
const signed = (command: object, signers = operators) => {
  const bytes = Buffer.from(JSON.stringify(command));
  const signatures = signers.map(({ kid, privateKey }) =>
    signDetached(privateKey, kid, 'operator-command', bytes),
  );
  return { command: bytes, signatures };
};
const haltCommand = (change: object = {}) => ({
  ...{ what: 'Halt', scope: 'key:k_1', reason: 'drill', ...stamp() },
  ...change,
});
const resumeCommand = (change: object = {}) => ({
  ...{ what: 'Resume', scope: 'key:k_1', halts: [ID], ...stamp() },
  ...change,
});

describe("an operators' command at a node", () => {
  let taken: HaltChange[];
  let desk: OperatorHalts;
  beforeEach(() => {
    taken = [];
    const halts = { take: async (change: HaltChange) => void taken.push(change) };
    desk = new OperatorHalts(halts, { current: () => policy });
  });

  it.each([0, 1])('halts with the signature of one operator (%d)', async (n) => {
    const command = signed(haltCommand(), operators.slice(n, n + 1));
    await desk.halt(command);
    expect(taken).toEqual([
      {
        ...{ kind: 'halt', haltId: commandId(command.command), scope: 'key:k_1', reason: 'drill' },
        by: operators[n]?.kid,
      },
    ]);
  });

  it('halts whenever it arrives: clocks do not matter', async () => {
    await desk.halt(signed(haltCommand({ expiry: '2020-01-01T00:00:00Z' })));
    expect(taken).toHaveLength(1);
  });

  it.each<[string, () => Promise<void>]>([
    ['a halt that nobody signed', () => desk.halt(signed(haltCommand(), []))],
    ['a halt of a stranger', () => desk.halt(signed(haltCommand(), [stranger]))],
    ['a resume as a halt', () => desk.halt(signed(resumeCommand()))],
    ['a halt as a resume', () => desk.resume(signed(haltCommand()), [])],
    ['a resume of one operator', () => desk.resume(signed(resumeCommand(), operators.slice(0, 1)), [])],
    [
      'a resume that one operator signed twice',
      () => desk.resume(signed(resumeCommand(), [...operators.slice(0, 1), ...operators.slice(0, 1)]), []),
    ],
    [
      'a resume that a stranger signed, too',
      () => desk.resume(signed(resumeCommand(), [...operators.slice(1), stranger]), []),
    ],
    [
      'an expired resume that names no halts',
      () => desk.resume(signed(resumeCommand({ halts: undefined, expiry: '2020-01-01T00:00:00Z' })), [ID]),
    ],
    [
      'a resume that names none where none was found',
      () => desk.resume(signed(resumeCommand({ halts: undefined })), []),
    ],
    ['a scope that is none', () => desk.halt(signed(haltCommand({ scope: 'everything' })))],
  ])('refuses %s', async (_, act) => {
    await expect(act()).rejects.toMatchObject({ kind: 'refused', code: 'operator' });
    expect(taken).toEqual([]);
  });

  it('resumes what it names, whatever the coordinator found and whenever it arrives', async () => {
    const other = `0x${'22'.repeat(32)}`;
    await desk.resume(signed(resumeCommand({ expiry: '2020-01-01T00:00:00Z' })), [other]);
    expect(taken).toEqual([{ kind: 'resume', scope: 'key:k_1', halts: [ID] }]);
  });
});
