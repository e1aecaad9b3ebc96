import { useEffect, useState } from 'preact/hooks';
import { CheckIcon, CopyIcon } from './icons';

const SHOWN_MS = 1_600;

/** @param what is copied, in words: the name of the button for those who do not see it */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  useEffect(() => {
    if (state === 'idle') return undefined;
    const timer = setTimeout(() => setState('idle'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () =>
    void navigator.clipboard.writeText(text).then(
      () => setState('copied'),
      () => setState('refused'),
    );
  return (
    <button type="button" class="copy" onClick={copy} aria-label={`Copy ${what}`} title={`Copy ${what}`}>
      {state === 'copied' ? <CheckIcon /> : <CopyIcon />}
      <span class="hidden" role="status">
        {state === 'copied' ? 'Copied' : state === 'refused' ? 'The browser does not allow copying' : ''}
      </span>
    </button>
  );
}
