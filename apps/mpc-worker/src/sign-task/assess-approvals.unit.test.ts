import { policyFile } from '@quorate/policy';
import {
  intentPayload,
  intentValue,
  type Person,
  person,
  policyFor,
  requestValue,
  signedBy,
  submitterEntry,
  taskFor,
} from '../testing/signed-tasks';
import { assessTask, type SignTask } from './assess';

const now = new Date('2026-12-01T12:00:00Z');
const schemeOf = () => 'ecdsa-secp256k1' as const;
const [alice, bob, carol] = [person('alice'), person('bob'), person('carol')];
const [mallory, submitter] = [person('mallory'), person('submitter')];

const policyWith = (required: number, ...approvers: Person[]) =>
  policyFile.parse(
    policyFor(
      alice,
      { approvals: { required, approvers: approvers.map(({ kid, publicKey }) => ({ kid, publicKey })) } },
      submitterEntry(submitter),
    ),
  );
const policy = policyWith(2, bob, carol);

/** The rule or code of the refusal; undefined when the node would sign. */
const refusal = (task: SignTask, by = policy): string | undefined => {
  const assessed = assessTask(task, by, now, schemeOf);
  return assessed.ok ? undefined : (assessed.refusal.rule ?? assessed.refusal.code);
};

const value = requestValue(alice, now);
const approved = (...approvals: string[]): SignTask =>
  taskFor(alice, value, { approvals: approvals.join(',') });
const by = (who: Person, over = value): string => signedBy(who, 'approval', over);

describe('approvals of a request', () => {
  it('are signatures of enough approvers over exactly its bytes', () => {
    expect(refusal(approved())).toBe('approvals');
    expect(refusal(approved(by(bob)))).toBe('approvals');
    expect(refusal(approved(by(bob), by(carol)))).toBeUndefined();
  });

  it.each<[string, string]>([
    ['of one approver twice', by(bob)],
    ['of another request', by(carol, requestValue(alice, now, { requestId: 'order-2' }))],
    ['of the same request with another nonce', by(carol, requestValue(alice, now))],
    ['of the requester', by(alice)],
    ['of somebody who is no approver', by(mallory)],
    ['in the name of an approver', signedBy({ ...mallory, kid: 'carol' }, 'approval', value)],
    ['that is a signature for something else', signedBy(carol, 'sign-request', value)],
    ['that is no signature', 'a..b'],
  ])('do not count one %s', (_, other) => {
    expect(refusal(approved(by(bob), other))).toBe('approvals');
    expect(refusal(approved(other, by(bob), by(carol)))).toBeUndefined();
  });

  it('count the requester only where it is listed', () => {
    const listed = policyWith(2, alice, bob);
    expect(refusal(approved(by(alice)), listed)).toBe('approvals');
    expect(refusal(approved(by(alice), by(bob)), listed)).toBeUndefined();
    // What the requester signed as its request is no approval.
    expect(refusal(approved(signedBy(alice, 'sign-request', value), by(bob)), listed)).toBe('approvals');
  });
});

describe('approvals of an intent', () => {
  const intent = intentValue(alice, now);
  const request = (...approvals: string[]): Buffer =>
    requestValue(submitter, now, { payload: intentPayload(alice, intent, undefined, approvals) });

  it('are over the bytes of the intent, and carried by the submitter', () => {
    expect(refusal(taskFor(submitter, request()))).toBe('approvals');
    expect(refusal(taskFor(submitter, request(by(bob, intent))))).toBe('approvals');
    expect(refusal(taskFor(submitter, request(by(bob, intent), by(carol, intent))))).toBeUndefined();
  });

  it.each([{ maxFeePerGas: '101' }, { maxCost: '10000001' }, { expiresAt: '2099-01-01T00:00:00Z' }])(
    'do not cover what an amendment allows beyond: %o',
    (more) => {
      const amended = (change: object) => {
        const bytes = Buffer.from(JSON.stringify({ intentId: 'payout-77', requester: 'alice', ...change }));
        const amendment = { bytes: bytes.toString('base64url'), jws: signedBy(alice, 'tx-amend', bytes) };
        const approvals = [by(bob, intent), by(carol, intent)];
        const payload = {
          ...intentPayload(alice, intent, undefined, approvals),
          amendments: [amendment],
        };
        return taskFor(submitter, requestValue(submitter, now, { payload }));
      };
      expect(refusal(amended(more))).toBe('approvals');
      expect(
        refusal(amended(more), policyFile.parse(policyFor(alice, {}, submitterEntry(submitter)))),
      ).toBeUndefined();
      expect(refusal(amended({ maxFeePerGas: '1' }))).toBeUndefined();
    },
  );

  it('are not those of the submitter’s request, nor of another intent', () => {
    const bare = request();
    const header = { approvals: [by(bob, bare), by(carol, bare)].join(',') };
    expect(refusal(taskFor(submitter, bare, header))).toBe('approvals');
    const other = intentValue(alice, now, { value: '4' });
    expect(refusal(taskFor(submitter, request(by(bob, other), by(carol, other))))).toBe('approvals');
    expect(refusal(taskFor(submitter, request(by(bob, intent), by(bob, intent))))).toBe('approvals');
  });
});
