/** Presign finalisation: agree on round 2, then assemble the presignatures (specification section 7). */
import { ProtocolFailure } from '../errors';
import { addScalarBytes, multiplyScalarBytes } from '../group/scalar';
import { type RoundMessages } from '../session/session';
import { type Presignature, type PresignatureBatch, presignatureIdOf } from './presignature';
import { type PresignContext } from './context';
import { parseRound3Direct } from './payloads';
import { type Round1State } from './round1';
import { type Round2State } from './round2';
import { type Round3State } from './round3';

/**
 * The batch; its buffers are its own.
 *
 * @throws ProtocolFailure AGREE `presign.r3.h2`, IDENT-P `session.aead` and `presign.r3.format`
 */
export function finalise(
  context: PresignContext,
  own1: Round1State,
  own2: Round2State,
  own3: Round3State,
  messages: RoundMessages,
): PresignatureBatch {
  const { psid, committee, peers, bootIds, key, batch } = context;
  const { h2 } = own3;
  for (const j of peers) {
    if (!messages.broadcast(j).equals(h2)) throw new ProtocolFailure('AGREE', 'presign.r3.h2');
  }
  const psi = peers.map((j) => {
    const values = parseRound3Direct(messages.direct(j), batch);
    if (!values) throw new ProtocolFailure('IDENT-P', 'presign.r3.format', j);
    return values;
  });

  const presignatures = own3.noncePoints.flatMap((R, p): Presignature[] => {
    const [r, phi, ownNoncePoint, terms] = [own1.r[p], own1.phi[p], own1.noncePoints[p], own3.terms[p]];
    if (!r || !phi || !ownNoncePoint || !terms) return [];
    const mask = sum(phi, ...psi.flatMap((values) => values[p] ?? []));
    const [nonceProduct, keyProduct] = [multiplyScalarBytes(r, mask), multiplyScalarBytes(own2.sk, mask)];
    const u = sum(nonceProduct, ...terms.u);
    const v = sum(keyProduct, ...terms.v);
    for (const secret of [mask, nonceProduct, keyProduct]) secret.fill(0);
    const presignatureId = presignatureIdOf(psid, h2, p);
    return [{ presignatureId, R, ownNoncePoint, phi: Buffer.from(phi), u, v }];
  });
  const { keyId, epoch } = key;
  return { sid: psid, h2, keyId, epoch, committee, bootIds, presignatures };
}

function sum(first: Buffer, ...rest: readonly Buffer[]): Buffer {
  let total: Buffer = Buffer.from(first);
  for (const term of rest) {
    const next = addScalarBytes(total, term);
    total.fill(0);
    total = next;
  }
  return total;
}
