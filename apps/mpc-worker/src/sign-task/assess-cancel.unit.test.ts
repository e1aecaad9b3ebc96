import { policyFile } from '@quorate/policy';
import {
  person,
  policyFor,
  requestValue,
  submitterEntry,
  taskFor,
  unsignedTransfer,
} from '../testing/signed-tasks';
import { assessTask } from './assess';

const now = new Date('2026-12-01T12:00:00Z');
const schemeOf = () => 'ecdsa-secp256k1' as const;
const [alice, submitter] = [person('alice'), person('submitter')];
const cancel = { maxFeePerGas: '50', gasLimit: '21000', perHour: 2 };

function assessed(
  change: Parameters<typeof unsignedTransfer>[0] = {},
  entry: object = { cancel },
  by = submitter,
) {
  const policy = policyFile.parse(policyFor(alice, {}, submitterEntry(submitter, entry)));
  const payload = { kind: 'evm-cancel', unsigned: unsignedTransfer({ value: 0n, ...change }) };
  return assessTask(taskFor(by, requestValue(by, now, { payload })), policy, now, schemeOf);
}

const refusal = (...parameters: Parameters<typeof assessed>) => {
  const { ok, ...rest } = assessed(...parameters);
  return ok || !('refusal' in rest) ? undefined : [rest.refusal.code, rest.refusal.rule];
};

describe('assessTask: cancelling transactions', () => {
  it('are no payment that a nonce is bound to, and count one of the submitter’s hour', () => {
    const assessment = assessed();
    if (!assessment.ok) throw new Error(assessment.refusal.reason);
    expect(assessment.request).toMatchObject({
      requester: 'submitter',
      account: 'submitter',
      charges: [{ rule: 'cancel-per-hour', meter: 'cancel', amount: 1n }],
      cancellation: { value: 0n, data: '0x', nonce: 5 },
    });
    expect(assessment.request.transaction).toBeUndefined();
  });

  it.each<[string, Parameters<typeof assessed>]>([
    ['cancel', [{}, {}]],
    ['cancel-value', [{ value: 1n }]],
    ['cancel-data', [{ data: '0x00' }]],
    ['cancel-fee', [{ maxFeePerGas: 51n }]],
    ['cancel-gas-limit', [{ gasLimit: 21_001n }]],
  ])('are refused by rule %s', (rule, parameters) => {
    expect(refusal(...parameters)).toEqual(['policy', rule]);
  });

  it('are for submitters', () => {
    expect(refusal({}, { cancel }, alice)).toEqual(['unauthorized', undefined]);
  });
});
