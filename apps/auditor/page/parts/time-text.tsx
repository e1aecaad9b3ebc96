import { agoText, localText, timeOf, utcText } from '../text/times';
import { useNow } from './use-now';

/** A time of here, with that of UTC as its title. */
export function LocalTime({ time }: { readonly time: string | number | null }) {
  const ms = typeof time === 'number' ? time : timeOf(time);
  if (ms === undefined) return <span class="muted">no time</span>;
  return (
    <time dateTime={new Date(ms).toISOString()} title={utcText(ms)}>
      {localText(ms, Date.now())}
    </time>
  );
}

/** How long ago a time is; grows by itself. */
export function Ago({ time }: { readonly time: string | number | null }) {
  const now = useNow();
  const ms = typeof time === 'number' ? time : timeOf(time);
  if (ms === undefined) return <span class="muted">no time</span>;
  return (
    <time dateTime={new Date(ms).toISOString()} title={`${localText(ms, now)} · ${utcText(ms)}`}>
      {agoText(now - ms)}
    </time>
  );
}
