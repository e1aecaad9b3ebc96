import { type HaltChange, type HaltNews, HaltRegister, type HaltSubject } from '@quorate/halts';
import { createLogger } from '@quorate/platform';
import { type OutgoingRecord } from '@quorate/messaging';
import { testNodes } from '../testing/test-nodes';
import { SelfHalt, type SelfHaltRules } from './self-halt';

const logger = createLogger('test', 'silent');

describe('a node that watches its own refusals', () => {
  let now: number;
  let register: HaltRegister;
  let published: OutgoingRecord[];
  beforeEach(() => {
    now = 1_800_000_000_000;
    register = new HaltRegister();
    published = [];
  });

  const watch = (rules: Partial<SelfHaltRules>) => {
    const [node] = testNodes(1);
    if (node === undefined) throw new Error('there is a node');
    const halts = {
      covering: (subject: HaltSubject) => register.covering(subject),
      take: async (change: HaltChange, { publish }: HaltNews = {}) => {
        register.apply(change);
        if (publish !== undefined) published.push(publish);
      },
    };
    const all: SelfHaltRules = { refusalsPerMinute: 0, rules: [], scope: 'requester', ...rules };
    const self = new SelfHalt(all, node.identity, halts, logger, () => now);
    return (requester: string, code = 'policy', rule?: string) =>
      self.refused({ requester, code, ...(rule !== undefined && { rule }) });
  };
  const scopes = () => register.active().map(({ scope }) => scope);

  it('halts the requester whose requests it refused too often within a minute, once', () => {
    const refused = watch({ refusalsPerMinute: 3 });
    for (let i = 0; i < 2; i++) refused('mallory');
    for (let i = 0; i < 2; i++) refused('alice');
    expect(scopes()).toEqual([]);
    for (let i = 0; i < 5; i++) refused('mallory');
    expect(scopes()).toEqual(['requester:mallory']);
    expect(register.active()[0]).toMatchObject({ by: 'node-1' });
  });

  it('publishes it as its own word on its own state topic', () => {
    watch({ refusalsPerMinute: 1 })('mallory');
    const [halt] = register.active();
    expect(published).toHaveLength(1);
    expect(published[0]).toMatchObject({ topic: 'mpc.state.node-1', key: `halt:${halt?.haltId}` });
    expect(JSON.parse(String(published[0]?.value))).toMatchObject({
      ...{ type: 'quorate.state.halt.v1', by: 'node-1', scope: 'requester:mallory' },
    });
  });

  it('forgets refusals after a minute', () => {
    const refused = watch({ refusalsPerMinute: 2 });
    refused('mallory');
    now += 60_000;
    refused('mallory');
    expect(scopes()).toEqual([]);
    now += 59_999;
    refused('mallory');
    expect(scopes()).toEqual(['requester:mallory']);
  });

  it.each(['halted', 'unknown-presignature', 'expired', 'spent-limit', 'unknown-key'])(
    'does not count what is no sign of an attack: %s',
    (code) => {
      watch({ refusalsPerMinute: 1 })('alice', code);
      expect(scopes()).toEqual([]);
    },
  );

  it('halts at the first refusal by a named rule, everything if told so', () => {
    const refused = watch({ rules: ['value-window'], scope: 'all' });
    refused('alice', 'policy', 'chain');
    expect(scopes()).toEqual([]);
    refused('alice', 'policy', 'value-window');
    expect(scopes()).toEqual(['all']);
  });

  it('never halts unless it is configured to', () => {
    const refused = watch({});
    for (let i = 0; i < 100; i++) refused('alice', 'policy', 'value-window');
    expect(scopes()).toEqual([]);
  });

  it('halts again after a resume, when it goes on', () => {
    const refused = watch({ refusalsPerMinute: 2 });
    for (let i = 0; i < 2; i++) refused('mallory');
    const [halt] = register.active();
    register.apply({ kind: 'resume', scope: 'requester:mallory', halts: [halt?.haltId ?? ''] });
    refused('mallory');
    expect(scopes()).toEqual([]);
    refused('mallory');
    expect(scopes()).toEqual(['requester:mallory']);
    expect(register.active()[0]?.haltId).not.toBe(halt?.haltId);
  });
});
