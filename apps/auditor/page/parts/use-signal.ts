import { useEffect, useState } from 'preact/hooks';
import { type Signal } from './signal';

/** The value of a signal, with a new rendering whenever it changes. */
export function useSignal<T>(signal: Signal<T>): T {
  const [value, setValue] = useState<T>(() => signal.value);
  useEffect(() => {
    // It may have changed between the rendering and now.
    setValue(() => signal.value);
    return signal.subscribe(() => setValue(() => signal.value));
  }, [signal]);
  return value;
}
