import { type Answer } from '../ports/answer-records.port';

/**
 * One answer per node and attempt of one request: its first share, or else its first refusal. A share may be delivered
 * twice, and a dishonest node may send several; each of them must count as one.
 */
export function oneAnswerEach(answers: readonly Answer[]): Answer[] {
  const chosen = new Map<string, Answer>();
  for (const answer of answers) {
    const id = `${answer.attempt} ${answer.node}`;
    const known = chosen.get(id);
    const isBetter = known?.data.type === 'quorate.sign.refused.v1' && isShare(answer);
    if (known === undefined || isBetter) chosen.set(id, answer);
  }
  return [...chosen.values()];
}

function isShare({ data }: Answer): boolean {
  return data.type === 'quorate.sign.partial.v1';
}
