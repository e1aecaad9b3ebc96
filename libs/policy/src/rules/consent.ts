/** When something is signed, and who else has to agree. */
import { type WorkingHours } from '../file/requester-entry';
import { finding, type Rule } from './rule';

export const workingHours: Rule = ({ workingHours: hours }, { at }) => {
  if (hours === undefined) return undefined;
  const { day, time } = localTime(at, hours.timeZone);
  const allowed = hours.days.some((named) => named === day) && hours.from <= time && time < hours.to;
  const when = `${hours.days.join(', ')} from ${hours.from} to ${hours.to} (${hours.timeZone})`;
  return finding('working-hours', allowed, `it is ${day} ${time}; requests are signed ${when}`);
};

export const approvals: Rule = ({ approvals: asked }, { approvedBy }) => {
  if (asked === undefined) return undefined;
  const listed = asked.approvers.map(({ kid }) => kid);
  const counted = new Set(approvedBy.filter((kid) => listed.includes(kid)));
  const by = counted.size === 0 ? 'nobody' : [...counted].sort().join(', ');
  return finding(
    'approvals',
    counted.size >= asked.required,
    `approved by ${by}; needed: ${asked.required} of ${listed.join(', ')}`,
  );
};

const clocks = new Map<string, Intl.DateTimeFormat>();

/** The weekday (`mon`) and time of day (`08:30`) of a moment in a time zone. */
function localTime(at: Date, timeZone: WorkingHours['timeZone']): { day: string; time: string } {
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    clocks.set(timeZone, clock);
  }
  const parts = new Map(clock.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    day: (parts.get('weekday') ?? '').toLowerCase(),
    time: `${parts.get('hour')}:${parts.get('minute')}`,
  };
}
