import { useApp } from '../parts/app-context';
import { CheckIcon, CrossIcon, ShieldIcon, WarningIcon } from '../parts/icons';
import { Link } from '../parts/link';
import { useSignal } from '../parts/use-signal';

/** How the log's head stands, at all times; the way to the checkpoint. */
export function HeadStatus({ isCurrent }: { readonly isCurrent: boolean }) {
  const { watch, session } = useApp();
  const isLocked = useSignal(session.locked);
  const verdict = useSignal(watch.verdict);
  const problem = useSignal(watch.problem);
  const alarm = useSignal(watch.alarm);
  const [tone, text, Icon] =
    alarm !== undefined || verdict?.outcome === 'failed'
      ? (['bad', 'Log is wrong', CrossIcon] as const)
      : isLocked
        ? (['plain', 'Token needed', ShieldIcon] as const)
        : problem !== undefined
          ? (['waiting', 'No answer', WarningIcon] as const)
          : verdict === undefined
            ? (['plain', 'Checking', ShieldIcon] as const)
            : verdict.outcome === 'verified'
              ? (['good', 'Log verified', CheckIcon] as const)
              : (['waiting', 'Key not pinned', ShieldIcon] as const);
  return (
    <Link
      to={{ view: 'checkpoint' }}
      isCurrent={isCurrent}
      class={`status ${tone}`}
      title="Checkpoint of the log"
    >
      <Icon />
      <span class="hidden">Checkpoint: </span>
      <span>{text}</span>
    </Link>
  );
}
