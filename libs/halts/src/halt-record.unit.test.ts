import { Refused } from '@quorate/platform';
import { type CommandOf, encodeRecord, operatorCommandSchema } from '@quorate/protocol';
import { asRead, testIdentity } from '../../protocol/src/testing/identities';
import {
  changeOfHalt,
  changeOfRecord,
  changeOfResume,
  changesOfEvents,
  commandId,
  eventOfChange,
} from './halt-record';

const ID = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;
const now = new Date('2026-12-01T12:00:00Z');
const [submitter, node, stranger] = ['submitter', 'node-1', 'submitter'].map(testIdentity);
const haltData = {
  ...{ type: 'quorate.state.halt.v1', id: 'r-1', haltId: ID(1), scope: 'all', reason: 'foreign transaction' },
  ...{ by: 'submitter', at: now.toISOString() },
};
const resumeData = {
  ...{ type: 'quorate.state.resume.v1', id: 'r-2', scope: 'all', halts: [ID(1)] },
  ...{ command: Buffer.from('{}').toString('base64'), signatures: [], at: now.toISOString() },
};
const resumeOf = (change: object = {}): CommandOf<'Resume'> => {
  const command = operatorCommandSchema.parse({
    ...{ what: 'Resume', scope: 'all', expiry: '2026-12-01T12:10:00Z', nonce: ID(9) },
    ...change,
  });
  if (command.what !== 'Resume') throw new Error('a Resume is a Resume');
  return command;
};
const signedByNobody = (): never => {
  throw new Refused('operator', 'too few');
};

function read(data: { type: string }, signer = submitter, readResume: () => CommandOf<'Resume'> = resumeOf) {
  if (signer === undefined) throw new Error('there is an identity');
  const source = `/service/${signer.kid}`;
  const record = encodeRecord({ typ: 'state', source, data, key: 'k', time: now }, signer.signer);
  const lookup = (kid: string) => (kid === 'submitter' ? submitter?.publicKey : undefined);
  return changeOfRecord(asRead(record), 'submitter', { lookup, readResume }, now);
}

describe('records of halts', () => {
  it("are a service's own word", () => {
    const { haltId, scope, reason, by } = haltData;
    expect(read(haltData)).toEqual({
      change: { kind: 'halt', haltId, scope, reason, by },
      evidence: { writer: 'submitter' },
    });
  });

  it.each([
    ['a node', node],
    ['somebody who calls himself like the writer', stranger],
  ])('count for nothing from %s', (_, signer) => {
    expect(read(haltData, signer)).toEqual({ refused: expect.any(String) as unknown });
  });

  it('about other things change nothing', () => {
    expect(read({ ...haltData, type: 'quorate.state.unheard.v1' })).toHaveProperty('refused');
  });
});

describe('records of resumes', () => {
  it("end what the operators' command names, whatever the carrier says, and whenever it comes", () => {
    const late = resumeOf({ halts: [ID(2)], expiry: '2020-01-01T00:00:00Z' });
    expect(read(resumeData, submitter, () => late)).toMatchObject({
      change: { kind: 'resume', scope: 'all', halts: [ID(2)] },
      evidence: { writer: 'submitter', command: resumeData.command, signatures: [] },
    });
  });

  it('without enough operators end nothing, whoever carries them', () => {
    expect(() => read(resumeData, submitter, signedByNobody)).toThrow(Refused);
  });
});

describe('a resume that names no halt', () => {
  const bytes = Buffer.from('{"what":"Resume"}');
  it('ends what its coordinator found, once, until it expires', () => {
    expect(changeOfResume(bytes, resumeOf(), [ID(1)], now)).toEqual({
      kind: 'resume',
      scope: 'all',
      halts: [ID(1)],
      oneTime: commandId(bytes),
    });
    expect(changeOfResume(bytes, resumeOf(), [ID(1)], new Date('2026-12-01T12:10:00Z'))).toBeUndefined();
    expect(changeOfResume(bytes, resumeOf(), [], now)).toBeUndefined();
  });

  it('ends nothing outside the scope that was signed', () => {
    const change = changeOfResume(bytes, resumeOf({ scope: 'key:k_1' }), [ID(1)], now);
    expect(change).toMatchObject({ scope: 'key:k_1' });
  });
});

it('a halt of an operator has the id of its exact bytes', () => {
  const command = Buffer.from('{"what":"Halt"}');
  const parsed = { what: 'Halt' as const, scope: 'all', reason: 'drill', expiry: '', nonce: '' };
  expect(changeOfHalt(command, parsed, 'operator')).toEqual({
    ...{ kind: 'halt', haltId: commandId(command), scope: 'all', reason: 'drill', by: 'operator' },
  });
});

it('changes come back from the events that they were stored as', () => {
  const changes = [
    { kind: 'halt' as const, haltId: ID(1), scope: 'all', reason: 'drill', by: 'operator' },
    { kind: 'resume' as const, scope: 'all', halts: [ID(1)] },
    { kind: 'resume' as const, scope: 'all', halts: [ID(2)], oneTime: ID(3) },
  ];
  expect(changesOfEvents(changes.map(eventOfChange))).toEqual(changes);
  expect(changesOfEvents([{ type: 'quorate.node.joined.v1', data: {} }])).toEqual([]);
});
