import { chargesOfCancel, checkCancelSender, explainCancel } from './cancel';
import { ADDRESS, legacyTransaction, OTHER, submitter, transaction } from './testing/entries';

const entry = submitter({ cancel: { maxFeePerGas: '50', gasLimit: '21000', perHour: 3 } });
const brokenBy = (change: Parameters<typeof transaction>[0]): string[] =>
  explainCancel(entry, transaction({ value: 0n, ...change }))
    .filter(({ allowed }) => !allowed)
    .map(({ rule }) => rule);

describe('a cancelling transaction', () => {
  it('is an empty transfer within the limits', () => {
    expect(brokenBy({ maxFeePerGas: 50n })).toEqual([]);
  });

  it.each<[string, Parameters<typeof transaction>[0]]>([
    ['cancel-value', { value: 1n }],
    ['cancel-data', { data: '0x00' }],
    ['cancel-gas-limit', { gasLimit: 21_001n }],
    ['cancel-fee', { maxFeePerGas: 51n }],
  ])('breaks %s', (rule, change) => {
    expect(brokenBy(change)).toEqual([rule]);
  });

  it('of type 0 has its gas price limited', () => {
    expect(explainCancel(entry, legacyTransaction(50n)).every(({ allowed }) => allowed)).toBe(true);
    expect(explainCancel(entry, legacyTransaction(51n))).toContainEqual(
      expect.objectContaining({ rule: 'cancel-fee', allowed: false }),
    );
  });

  it('is not allowed to a submitter without a rule for it', () => {
    expect(explainCancel(submitter(), transaction({ value: 0n }))).toMatchObject([
      { rule: 'cancel', allowed: false },
    ]);
    expect(chargesOfCancel(submitter())).toEqual([]);
  });

  it('goes to its own sender', () => {
    expect(checkCancelSender(transaction(), ADDRESS)).toMatchObject({ allowed: true });
    expect(checkCancelSender(transaction(), OTHER)).toMatchObject({
      rule: 'cancel-destination',
      allowed: false,
    });
    expect(checkCancelSender(transaction({ to: null }), OTHER)).toMatchObject({ allowed: false });
  });

  it('counts one within the hour', () => {
    expect(chargesOfCancel(entry)).toMatchObject([
      { rule: 'cancel-per-hour', amount: 1n, windows: [{ seconds: 3600, max: 3n }] },
    ]);
  });
});
