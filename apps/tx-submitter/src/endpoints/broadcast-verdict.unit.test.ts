import { type Rejection, rejections, type SendVerdict } from '@quorate/evm';
import fc from 'fast-check';

import { aggregate, contradict, type EndpointVerdict } from './broadcast-verdict';

const accepted: SendVerdict = { kind: 'accepted' };
const known: SendVerdict = { kind: 'known' };
const used: SendVerdict = { kind: 'nonce-used', message: 'nonce too low' };
const lost: SendVerdict = { kind: 'ambiguous', message: 'timeout', endpointFailed: true };
const refused = (reason: Rejection): SendVerdict => ({ kind: 'rejected', reason, message: reason });

const from = (...verdicts: SendVerdict[]): EndpointVerdict[] =>
  verdicts.map((verdict, n) => ({ endpoint: `rpc-${n}`, verdict }));
const nothing = { accepted: false, open: false };

describe('aggregate', () => {
  it.each([
    ['pooled', [refused('malformed'), lost, accepted]],
    ['pooled', [used, known]],
    ['maybe-sent', [refused('malformed'), lost]],
    ['maybe-sent', [used, lost]],
    ['maybe-sent', []],
    ['nonce-used', [used, refused('underpriced')]],
    ['rejected', [refused('malformed'), refused('malformed')]],
  ])('is %s for %j', (kind, verdicts) => {
    expect(aggregate(from(...verdicts), nothing).kind).toBe(kind);
  });

  it('names the mildest reason: what passes by itself at one endpoint is not the end', () => {
    const answers = from(refused('malformed'), refused('pool-full'), refused('insufficient-funds'));
    expect(aggregate(answers, nothing)).toEqual({
      ...{ kind: 'rejected', reason: 'pool-full', message: 'pool-full' },
    });
  });

  it.each([
    ['was accepted once', { accepted: true, open: false }],
    ['may lie at an endpoint that is not asked now', { accepted: false, open: true }],
  ])('never rejects what %s', (_, earlier) => {
    expect(aggregate(from(refused('malformed')), earlier).kind).toBe('maybe-sent');
  });

  it('I6: rejects only what every endpoint refused and none ever had', () => {
    const verdict = fc.oneof(
      ...[accepted, known, used, lost].map((one) => fc.constant(one)),
      fc.constantFrom(...rejections).map(refused),
    );
    const earlier = fc.record({ accepted: fc.boolean(), open: fc.boolean() });
    fc.assert(
      fc.property(fc.array(verdict, { maxLength: 5 }), earlier, (verdicts, past) => {
        const { kind } = aggregate(from(...verdicts), past);
        const allRefuse = verdicts.length > 0 && verdicts.every((one) => one.kind === 'rejected');
        expect(kind === 'rejected').toBe(allRefuse && !past.accepted && !past.open);
        expect(kind === 'pooled').toBe(verdicts.some((one) => one === accepted || one === known));
      }),
    );
  });
});

describe('contradict', () => {
  it('is true when one has it and another refuses it', () => {
    expect(contradict(from(accepted, refused('malformed')))).toBe(true);
    expect(contradict(from(known, used))).toBe(false);
    expect(contradict(from(accepted, lost))).toBe(false);
    expect(contradict(from(refused('underpriced'), refused('malformed')))).toBe(false);
  });
});
