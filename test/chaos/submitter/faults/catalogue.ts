import { Random } from '../../random';
import { chainFaults } from './chain-faults';
import { type Fault, type FaultKind } from './fault';
import { processFaults } from './process-faults';
import { readFaults } from './read-faults';
import { sendFaults } from './send-faults';
import { signerFaults } from './signer-faults';

export const faultKinds: readonly FaultKind[] = [
  ...processFaults,
  ...sendFaults,
  ...readFaults,
  ...chainFaults,
  ...signerFaults,
];

/**
 * The faults of a run. Each kind has its turn: the seed's number says which is first; the others are drawn.
 *
 * @param kinds how many kinds strike in one run
 */
export function drawFaults(
  seed: number,
  kinds: number,
  chosen: readonly FaultKind[],
  spreadMs: number,
): Fault[] {
  // Neighbouring seeds begin alike with this generator.
  const random = new Random(Math.imul(seed, 0x9e3779b1));
  const [first] = chosen.slice(seed % Math.max(1, chosen.length));
  const others = chosen.filter((kind) => kind !== first);
  const struck = first === undefined ? [] : [first, ...random.sample(others, kinds - 1)];
  return struck
    .flatMap((kind) => kind.draw(random, spreadMs).map((blow) => ({ kind: kind.name, ...blow })))
    .sort((a, b) => a.at - b.at);
}
