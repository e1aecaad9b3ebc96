import { useApp } from '../parts/app-context';
import { CopyButton } from '../parts/copy-button';
import { WarningIcon } from '../parts/icons';
import { LocalTime } from '../parts/time-text';
import { useSignal } from '../parts/use-signal';

/** What must not be: on every view, until somebody has dealt with it. */
export function AlarmBanner() {
  const { watch } = useApp();
  const alarm = useSignal(watch.alarm);
  if (alarm === undefined) return null;
  return (
    <section class="alarm" role="alert" aria-labelledby="alarm-title">
      <WarningIcon />
      <div>
        <h2 id="alarm-title">This log does not hold what it promised</h2>
        <ul>
          {alarm.texts.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
        <p>
          Seen <LocalTime time={alarm.at} />. Keep the evidence, ask for the log from another place, and tell
          whoever runs it. If you reset this installation yourself, begin anew.
        </p>
        <p class="actions">
          <span class="with-copy">
            <CopyButton text={alarm.evidence} what="the evidence" /> Copy the evidence
          </span>
          <button type="button" onClick={() => watch.forget()}>
            Forget the old log and begin anew
          </button>
        </p>
      </div>
    </section>
  );
}
