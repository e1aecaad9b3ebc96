import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { quotaDeclaration } from './quotas';

const deployment = {
  brokers: 1 as const,
  prefix: '',
  nodes: ['node-1', 'node-2'],
  coordinators: ['coordinator-1'],
  submitters: ['submitter'],
  auditors: ['auditor'],
  operators: ['operator'],
  clients: [],
};
const isService = (name: string) => /^(node|coordinator)-\d+$/.test(name);

describe('quotas', () => {
  const { quotas, isOurs } = quotaDeclaration(deployment, 'client-id', isService);
  const limitsOf = (name: string | null) => quotas.find(({ entity }) => entity['client-id'] === name)?.limits;

  it('give every service one of its own, and everybody else less', () => {
    expect(quotas.map(({ entity }) => entity['client-id'])).toEqual([
      ...['node-1', 'node-2', 'coordinator-1', 'submitter', 'auditor'],
      null,
    ]);
    for (const service of ['node-1', 'coordinator-1', 'submitter', 'auditor']) {
      for (const [limit, value] of Object.entries(limitsOf(service) ?? {})) {
        expect(value).toBeGreaterThan(limitsOf(null)?.[limit] ?? Infinity);
      }
    }
  });

  it('go by the user where parties log in', () => {
    const byUser = quotaDeclaration(deployment, 'user', isService).quotas;
    expect(byUser.map(({ entity }) => entity)).toContainEqual({ user: 'node-1' });
    expect(byUser.map(({ entity }) => entity)).toContainEqual({ user: null });
  });

  it("count former services as ours, but neither other names nor addresses nor operators' finer quotas", () => {
    expect(isOurs({ 'client-id': 'node-9' })).toBe(true);
    expect(isOurs({ user: null })).toBe(true);
    expect(isOurs({ 'client-id': 'analytics' })).toBe(false);
    expect(isOurs({ ip: null })).toBe(false);
    expect(isOurs({ user: 'node-1', 'client-id': null })).toBe(false);
  });

  it('are those of docs/overload.md', () => {
    const page = readFileSync(join(__dirname, '../../docs/overload.md'), 'utf8');
    for (const name of ['node-1', 'coordinator-1', null]) {
      const setting = Object.entries(limitsOf(name) ?? {}).map(([limit, value]) => `${limit}=${value}`);
      expect(page).toContain(setting.join(','));
    }
  });
});
