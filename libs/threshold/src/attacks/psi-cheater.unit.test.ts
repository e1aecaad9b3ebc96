/** A party that lies in psi has the signature that the others believe failed (specification sections 8 and 16). */
import { mod, scalarFromBytes, scalarToBytes } from '../group/scalar';
import { secp256k1Group } from '../group/secp256k1-group';
import { wasmKernel } from '../multiplication/kernel/wasm-kernel';
import { presignContext } from '../presign/context';
import { createPairJudge } from '../presign/pair-judge';
import { beginRound1 } from '../presign/round1';
import { zeroShare } from '../presign/zero-share';
import { lagrangeCoefficient } from '../sharing/polynomial';
import { rerandomise } from '../sign/online';
import { runPlain } from '../testing/plain-ceremony';
import { presignStart } from '../testing/presign-harness';
import { seededRandom } from '../testing/seeded-random';
import { combined, copyPresignatures, onlineShares, requestFor } from '../testing/signing-harness';
import { alter } from '../testing/tamper';
import { dealKey } from '../testing/trusted-dealer';

const COMMITTEE = [1, 2];
const { secretKey, shares } = dealKey(2, 3, seededRandom('key'));
const start = presignStart(shares, COMMITTEE, 1);
const LIE = 42n;
const SEED = 'psi';

/** r_2 and sk_2, which party 2 knows. */
function secretsOfParty2(psid: Buffer, h1: Buffer): { r: bigint; sk: bigint } {
  const key = shares.get(2);
  const pair = key?.pairs.get(1);
  if (!key || !pair) throw new RangeError('no share');
  const random = seededRandom(`${SEED}/2`);
  const judge = createPairJudge(new Set(), () => undefined);
  const context = presignContext(start, 2, { key, random, kernel: wasmKernel, judge });
  const { state } = beginRound1(context, random(32));
  const zeta = zeroShare(new Map([[1, pair.zeroSeed]]), 2, COMMITTEE, psid, h1);
  const lambda = lagrangeCoefficient(secp256k1Group, COMMITTEE, 2);
  return {
    r: scalarFromBytes(state.r[0] ?? Buffer.alloc(0)),
    sk: mod(lambda * scalarFromBytes(key.share) + scalarFromBytes(zeta)),
  };
}

it('psi-cheater recovers the signature: "failed" means "maybe signed"', () => {
  const { batches, sent } = runPlain(shares, start, {
    seed: SEED,
    tamper: alter({ from: 2, to: 1, round: 3, kind: 'direct' }, (psi) => {
      psi.set(scalarToBytes(mod(scalarFromBytes(psi) + LIE)));
    }),
  });
  const request = requestFor(secretKey, COMMITTEE, Buffer.alloc(32, 6), 77n);
  const signers = copyPresignatures(batches, 0);
  const online = onlineShares(signers, request);
  expect(() => combined(signers, request, online)).toThrow('UNATTRIBUTED: combine.signature');

  // Party 2 acts as if its phi had been phi_2 + LIE all along: the only share that it has to change is its own.
  const [any, own] = [signers.get(2), online.get(2)];
  const opened = sent.find(({ round, kind, from }) => round === 2 && kind === 'broadcast' && from === 2);
  if (!any || !own || !opened) throw new RangeError('a complete run');
  const randomised = rerandomise(any.presignatureId, any.R, request);
  if (!randomised) throw new RangeError('burnt');
  const { r, sk } = secretsOfParty2(batches.get(2)?.sid ?? Buffer.alloc(0), opened.bytes.subarray(0, 32));
  const m = scalarFromBytes(request.message32);
  const repaired = {
    ...own,
    u: scalarToBytes(mod(scalarFromBytes(own.u) + LIE * (r + randomised.delta))),
    w: scalarToBytes(mod(scalarFromBytes(own.w) + LIE * (m + randomised.r * (sk + request.child.tweak)))),
  };
  expect(combined(signers, request, new Map(online).set(2, repaired)).signature).toHaveLength(64);
});
