import { HDNodeWallet, hashMessage, sha256, SigningKey } from 'ethers';
import { FinalVerifier } from './final-verifier';

const root = HDNodeWallet.fromSeed(`0x${'07'.repeat(32)}`);
const path = 'm/7/3';
const child = root.derivePath('7/3');
const request = Buffer.from(
  JSON.stringify({
    requester: 'demo',
    requestId: 'r1',
    keyId: 'k_1',
    path,
    payload: { kind: 'eip191', message: '0x010203' },
  }),
);
const digest = hashMessage(Buffer.of(1, 2, 3));
const { r, s, yParity } = new SigningKey(child.privateKey).sign(digest);
const final = {
  requester: 'demo',
  requestId: 'r1',
  requestHash: sha256(request),
  keyId: 'k_1',
  path,
  digest,
  signature: { r, s, yParity },
  publicKey: child.publicKey,
  address: child.address,
  committee: ['node-1', 'node-2'],
  presignatureId: `0x${'01'.repeat(32)}`,
};
const verifier = new FinalVerifier({ keyId: 'k_1', publicKey: root.publicKey, chainCode: root.chainCode });

it('finds no fault with a final that is right', () => {
  expect(verifier.fault(final, request)).toBeUndefined();
});

it.each([
  ['another request', { requestId: 'r2' }],
  ['other bytes', { requestHash: `0x${'00'.repeat(32)}` }],
  ['another key', { keyId: 'k_2' }],
  ['another path', { path: 'm/7/4' }],
  ['another digest', { digest: hashMessage('other') }],
  ['another public key', { publicKey: root.publicKey }],
  ['another address', { address: root.address }],
  ['another r', { signature: { r: s, s, yParity } }],
  ['a high s', { signature: { r, s: highS(s), yParity: 1 - yParity } }],
  ['the other parity', { signature: { r, s, yParity: 1 - yParity } }],
  ['no signature', { signature: undefined }],
])('finds the fault of a final with %s', (_, change) => {
  expect(verifier.fault({ ...final, ...change }, request)).toBeDefined();
});

function highS(low: string): string {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  return `0x${(order - BigInt(low)).toString(16).padStart(64, '0')}`;
}
