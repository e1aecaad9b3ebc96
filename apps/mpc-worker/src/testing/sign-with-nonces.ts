import { combineFrostShares, frostShare, verifySchnorrSignature } from '@quorate/threshold';
import { type KeyEpoch } from '../key-share/key-epoch';
import { type LiveNodes } from './live-nodes';

/** Whether these nodes of a Schnorr key make a signature together, with nonces that they make now. */
export async function signWithNonces(
  nodes: LiveNodes,
  key: KeyEpoch,
  committee: readonly number[],
): Promise<boolean> {
  const order = nodes.presignOf(key, committee);
  await nodes.run(order);
  const id = order.sessionId.toString('hex');
  const request = {
    message: Buffer.from('a message'),
    publicKey: key.publicKey,
    tweak: { kind: 'none' as const },
    committee,
  };
  const signers = committee.map((index) => {
    const { nonces, held } = nodes.at(index);
    const nonce = nonces.get(id)?.nonces[0];
    const share = held.keys.signingShare(key);
    if (nonce === undefined || share === undefined) throw new Error(`node-${index} has no nonce or share`);
    return { index, nonce, share: frostShare(nonce, share, request) };
  });
  const [first] = signers;
  if (first === undefined) return false;
  const shares = new Map(signers.map(({ index, share }) => [index, share]));
  const { publicShares, suite } = key;
  const { signature, publicKey } = combineFrostShares({ nonce: first.nonce, request, shares, publicShares });
  if (suite !== 3 && suite !== 4) return false;
  return verifySchnorrSignature(suite, signature, request.message, publicKey);
}
