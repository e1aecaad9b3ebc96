import { useEffect, useRef, useState } from 'preact/hooks';
import { type ApiProblem, asProblem } from '../api/problem';

const AGAIN_MS = 5_000;

/** What was asked for; while it is asked for anew, what was there before. */
export interface Loaded<T> {
  readonly value: T | undefined;
  readonly problem: ApiProblem | undefined;
  readonly isLoading: boolean;
  readonly again: () => void;
}

/**
 * Asks when `key` changes, and again by itself while the problem is a passing one. An answer that comes after the question
 * has changed is left out.
 *
 * @param revision when it changes, the same is asked again, with the old answer shown until then
 */
export function useLoaded<T>(key: string, load: () => Promise<T>, revision?: unknown): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; problem?: ApiProblem; isLoading: boolean }>({
    key,
    isLoading: true,
  });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    let isCurrent = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    setState((before) => (before.key === key ? { ...before, isLoading: true } : { key, isLoading: true }));
    latest.current().then(
      (value) => isCurrent && setState({ key, value, isLoading: false }),
      (error: unknown) => {
        if (!isCurrent) return;
        const problem = asProblem(error);
        setState((before) => ({ ...before, problem, isLoading: false }));
        if (problem.isPassing) timer = setTimeout(() => setRound((n) => n + 1), AGAIN_MS);
      },
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [key, round, revision]);
  const own = state.key === key ? state : { isLoading: true };
  return {
    value: 'value' in own ? own.value : undefined,
    problem: 'problem' in own ? own.problem : undefined,
    isLoading: own.isLoading,
    again: () => setRound((n) => n + 1),
  };
}
