import { unitsOf } from './units';

const parties = {
  roles: new Map([
    ['coordinator-1', 'coordinator'],
    ['coordinator-2', 'coordinator'],
    ['node-1', 'node'],
    ['node-2', 'node'],
    ['submitter', 'submitter'],
    ['auditor', 'auditor'],
  ]),
  operators: ['operator'],
  clients: ['alice'],
};
const told = (kids: string[], only: Parameters<typeof unitsOf>[2] = []) =>
  unitsOf(parties, kids, only).map(({ kids: who, things }) => `${who.join('+')}: ${things.join(' ')}`);

describe('who is replaced', () => {
  it('everybody but clients, nodes first and one by one, coordinators with their database', () => {
    expect(told([])).toEqual([
      'node-1: identity tls kafka database',
      'node-2: identity tls kafka database',
      'coordinator-1+coordinator-2: identity tls kafka database',
      'submitter: identity kafka database tokens',
      'auditor: kafka database tokens',
      'operator: identity tls kafka',
    ]);
  });

  it('those who are named, clients too', () => {
    expect(told(['node-2', 'alice'])).toEqual(['node-2: identity tls kafka database', 'alice: identity']);
    expect(told(['coordinator-2'])).toEqual(['coordinator-2: identity tls kafka']);
  });

  it('only what they have of what is asked for', () => {
    expect(told([], ['tls'])).toEqual([
      'node-1: tls',
      'node-2: tls',
      'coordinator-1+coordinator-2: tls',
      'operator: tls',
    ]);
    expect(told([], ['tokens'])).toEqual(['submitter: tokens', 'auditor: tokens']);
  });

  it('never the key of the log', () => {
    expect(() => told(['auditor'], ['identity'])).toThrow('the key of its log');
  });

  it('nobody unknown', () => {
    expect(() => told(['node-9'])).toThrow('is named node-9: coordinator-1');
  });
});
