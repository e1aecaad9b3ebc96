import { shorten } from '../text/shorten';
import { CopyButton } from './copy-button';

interface CodeTextProps {
  readonly text: string;
  /** What it is, in words. */
  readonly what: string;
  /** Characters that are shown; the whole text is in the title, and is what is copied. */
  readonly longest?: number;
}

/** An id or hash, shortened in its middle. */
export function CodeText({ text, what, longest = 22 }: CodeTextProps) {
  return (
    <span class="code-text">
      <code title={text}>{shorten(text, longest)}</code>
      <CopyButton text={text} what={what} />
    </span>
  );
}
