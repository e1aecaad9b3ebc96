import { signDetached } from '../jws';
import { keyLookup } from '../key-lookup';
import { testIdentity } from '../testing/identities';
import { approvalsIn, verifyApprovals } from './approvals';

const bob = testIdentity('bob');
const carol = testIdentity('carol');
const lookup = keyLookup({ bob: bob.jwk, carol: carol.jwk });
const value = Buffer.from('{"requestId":"order-1042"}');
const by = (who: typeof bob, typ: 'approval' | 'sign-request' = 'approval', content: Uint8Array = value) =>
  signDetached(who.privateKey, who.kid, typ, content);

test('counts each approver once, whatever else stands in the header', () => {
  const header = [by(carol), by(bob), by(bob), 'rubbish', by(carol, 'sign-request')].join(', ');
  expect(verifyApprovals(value, header, lookup)).toEqual(['bob', 'carol']);
});

test('an approval of other bytes, or as another typ, is none', () => {
  expect(verifyApprovals(value, by(bob, 'approval', Buffer.from('{}')), lookup)).toEqual([]);
  expect(verifyApprovals(value, by(bob, 'sign-request'), lookup)).toEqual([]);
});

test('no header, or a huge one, approves nothing', () => {
  expect(verifyApprovals(value, undefined, lookup)).toEqual([]);
  expect(verifyApprovals(value, `${by(bob)},${'x'.repeat(1 << 20)}`, lookup)).toEqual([]);
});

test('what stands in a header and may be an approval, each once, at most 16', () => {
  const header = [by(bob), ' ', 'a.b.c', by(carol), by(bob), '..', `${'x'.repeat(2000)}..y`].join(' , ');
  expect(approvalsIn(header)).toEqual([by(bob), by(carol)]);
  expect(approvalsIn(Array.from({ length: 40 }, (_, i) => `a${i}..b`).join())).toHaveLength(16);
  expect(approvalsIn(undefined)).toEqual([]);
});

test('a list of JWS is verified as a header is', () => {
  expect(verifyApprovals(value, [by(bob), by(carol, 'sign-request')], lookup)).toEqual(['bob']);
});
