import { groupPrefix, type Principals } from '@quorate/deployment';
import { aclText } from '@quorate/messaging';
import { aclBindings, aclDeclaration } from './acls';

const principals: Principals = {
  nodes: ['node-1', 'node-2', 'node-10'],
  coordinators: ['coordinator-1', 'coordinator-2'],
  submitters: ['submitter'],
  auditors: ['auditor'],
  operators: ['operator'],
  clients: ['alice'],
};
const textsOf = (kid: string, prefix = '') =>
  aclBindings(principals, prefix)
    .map(aclText)
    .filter((text) => text.startsWith(`User:${prefix}${kid} `))
    .map((text) => text.slice(`User:${prefix}${kid} may `.length));

describe('access rules', () => {
  it('let a node read its own inbox only, and write to those of the others only', () => {
    expect(textsOf('node-1').filter((text) => text.includes('mpc.rounds'))).toEqual([
      'read topic mpc.rounds.node-1',
      'write topic mpc.rounds.node-2',
      'write topic mpc.rounds.node-10',
    ]);
  });

  it('let coordinators alone write finals, operators alone read dead letters', () => {
    const who = (what: string) =>
      aclBindings(principals, '')
        .filter((binding) => aclText(binding).endsWith(what))
        .map(({ principal }) => principal);
    expect(who('may write topic mpc.finals')).toEqual(['User:coordinator-1', 'User:coordinator-2']);
    expect(who('may read topic dead-letters')).toEqual(['User:operator']);
    expect(who('may write topic mpc.state.node-1')).toEqual(['User:node-1']);
  });

  it('let a client ask and hear answers, in groups of its own', () => {
    expect(textsOf('alice')).toEqual([
      'write topic mpc.requests',
      'read topic mpc.finals',
      'write topic tx.intents',
      'read topic tx.outcomes',
      'read group alice-*',
    ]);
    expect(groupPrefix('clients', 'alice', 'test.')).toBe('test.alice-');
  });

  it('put the prefix before users, topics and groups', () => {
    expect(textsOf('auditor', 'test.')).toEqual([
      'read topic test.mpc.events',
      'read topic test.mpc.heartbeats',
      'write topic test.mpc.state.auditor',
      'read group test.auditor/*',
      'read group test.auditor',
      'read group test.auditor-*',
    ]);
  });

  it('allow literal topics only, nothing but reading and writing, and no transactional ids', () => {
    for (const { resource, pattern, operation } of aclBindings(principals, '')) {
      expect(['topic', 'group']).toContain(resource);
      expect(['read', 'write']).toContain(operation);
      if (resource === 'topic') expect(pattern).toBe('literal');
    }
  });

  it.each([
    ['one name for two parties', { clients: ['node-1'] }],
    ['a client whose groups are those of the coordinators', { clients: ['coordinator'] }],
    ['a client whose groups begin as those of the auditor', { clients: ['auditor-2'] }],
    ['a client whose groups begin as those of another', { clients: ['alice', 'alice-2'] }],
  ])('refuse %s', (_, change) => {
    expect(() => aclBindings({ ...principals, ...change }, '')).toThrow('cannot tell');
  });

  it('count former parties as ours, but neither other principals nor other resources', () => {
    const { isOurs } = aclDeclaration(principals, 'test.', (kid) => kid === 'node-9');
    const rights = { resource: 'topic', pattern: 'literal', operation: 'read' } as const;
    const ours = (principal: string, name: string) => isOurs({ ...rights, principal, name });
    expect(ours('User:test.node-1', 'test.mpc.finals')).toBe(true);
    expect(ours('User:test.node-9', 'test.mpc.rounds.node-9')).toBe(true);
    expect(ours('User:test.analytics', 'test.mpc.events')).toBe(false);
    expect(ours('User:node-1', 'test.mpc.finals')).toBe(false);
    expect(ours('User:test.node-1', 'orders')).toBe(false);
  });
});
