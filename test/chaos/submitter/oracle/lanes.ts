/** Every nonce of a lane is used by one transaction, which is one of ours or a stranger's; none is missing. */
import { type Violation } from '../../oracle/violations';
import { type Lane } from '../load/plan';
import { type Evidence } from './evidence';

export function laneFaults(evidence: Evidence): Violation[] {
  return [
    ...evidence.lanes.flatMap((lane) => [...contiguityFaults(evidence, lane), ...gapFaults(evidence, lane)]),
    ...unknownFaults(evidence),
  ];
}

/** I2: from 0 to the last, each nonce was mined once; those of a jump not, unless a reorganisation has undone it. */
function contiguityFaults({ transactions, chainNonces, foreign }: Evidence, { address }: Lane): Violation[] {
  const check = 'the nonces of a lane are contiguous';
  const nonces = transactions.filter(({ from }) => isSame(from, address)).map(({ nonce }) => nonce);
  const found = [...nonces].sort((a, b) => a - b);
  const standing = foreign.jumps.filter(
    (jump) => isSame(jump.address, address) && !found.some((nonce) => nonce >= jump.from && nonce < jump.to),
  );
  const expected: number[] = [];
  for (let nonce = 0; nonce < (chainNonces.get(address) ?? 0); nonce += 1) {
    if (!standing.some(({ from, to }) => nonce >= from && nonce < to)) expected.push(nonce);
  }
  if (String(found) === String(expected)) return [];
  return [
    { check, evidence: `${address}: mined ${found.join(' ')}; the chain counts ${chainNonces.get(address)}` },
  ];
}

/** Nothing of ours waits for a nonce that nobody uses. */
function gapFaults({ rows, chainNonces }: Evidence, { address }: Lane): Violation[] {
  const next = chainNonces.get(address) ?? 0;
  const beyond = rows.filter(
    (row) => row.address === address && row.nonce !== null && Number(row.nonce) >= next,
  );
  return beyond.map(({ intentId, nonce, status }) => ({
    check: 'no nonce is left over',
    evidence: `${intentId} (${status}) has nonce ${nonce} of ${address}, of which the chain has used ${next}`,
  }));
}

/** What the chain holds of our accounts was committed here, or the run did it itself. */
function unknownFaults({ transactions, lanes, attempts, foreign }: Evidence): Violation[] {
  const ours = new Set(lanes.map(({ address }) => address.toLowerCase()));
  const known = new Set(attempts.map(({ hash }) => hash));
  return transactions
    .filter(({ from, hash }) => ours.has(from.toLowerCase()) && !known.has(hash) && !foreign.hashes.has(hash))
    .map(({ hash, from, nonce }) => ({
      check: 'nothing on the chain that was not committed',
      evidence: `${hash} of ${from} at nonce ${nonce} is no attempt`,
    }));
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
