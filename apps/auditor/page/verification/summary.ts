import { type Check, type Outcome, outcomeOf, passed } from './check';
import { type EntryVerdict } from './verifier';

/** Faults of one kind that are told one by one. */
const MOST_NAMED = 3;

const ALL: Partial<Record<Check['what'], (count: number) => string>> = {
  inclusion: (count) => `Each of the ${count} entries leads to the root of its checkpoint.`,
  content: (count) => `What is shown of the ${count} entries is what the proved bytes say.`,
};

/** What the verdicts on several entries say together: of each kind of check, what did not pass, or that all did. */
export function summary(verdicts: readonly EntryVerdict[]): { outcome: Outcome; checks: readonly Check[] } {
  const all = verdicts.flatMap(({ checks }) => checks);
  const kinds = [...new Set(all.map(({ what }) => what))];
  const checks = kinds.flatMap((what) => {
    const ofKind = verdicts.flatMap(({ checks: own, event }) =>
      own.filter((check) => check.what === what).map((check) => ({ check, event })),
    );
    const notPassed = ofKind.filter(({ check }) => check.state !== 'passed');
    const distinct = new Map(
      notPassed.map(({ check, event }) => [
        check.text,
        { ...check, text: named(check, event.index, verdicts) },
      ]),
    );
    if (distinct.size > MOST_NAMED) {
      const more = `${distinct.size - MOST_NAMED} more entries have the same fault.`;
      const [first] = distinct.values();
      return [
        ...[...distinct.values()].slice(0, MOST_NAMED),
        ...(first === undefined ? [] : [{ ...first, text: more }]),
      ];
    }
    if (distinct.size > 0) return [...distinct.values()];
    const one = ofKind.at(0)?.check.text ?? '';
    const text = verdicts.length === 1 ? one : (ALL[what]?.(verdicts.length) ?? one);
    return [passed(what, text)];
  });
  return { outcome: outcomeOf(all), checks };
}

/** Of several entries, which one it is about. */
function named({ what, text }: Check, index: number, verdicts: readonly EntryVerdict[]): string {
  return verdicts.length > 1 && what === 'content' ? `Entry ${index}: ${text}` : text;
}
