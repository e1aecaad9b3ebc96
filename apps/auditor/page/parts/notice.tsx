import { type ComponentChildren } from 'preact';
import { type ApiProblem } from '../api/problem';
import { WarningIcon } from './icons';

interface NoticeProps {
  readonly tone: 'bad' | 'waiting' | 'plain';
  readonly title: string;
  readonly children?: ComponentChildren;
}

export function Notice({ tone, title, children }: NoticeProps) {
  return (
    <div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      {tone === 'plain' ? null : <WarningIcon />}
      <div>
        <p class="notice-title">{title}</p>
        {children}
      </div>
    </div>
  );
}

/** Why something is not shown, and what to do about it. */
export function ProblemNotice({
  problem,
  again,
}: {
  readonly problem: ApiProblem;
  readonly again: () => void;
}) {
  return (
    <Notice tone={problem.isPassing ? 'waiting' : 'bad'} title={problem.message}>
      <p>{problem.detail}</p>
      <p>
        <button type="button" onClick={again}>
          Try again
        </button>
      </p>
    </Notice>
  );
}

/** While there is nothing to show yet. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="loading" role="status">
      <span class="spinner" aria-hidden="true" />
      {what}
    </p>
  );
}
