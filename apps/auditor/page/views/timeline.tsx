import { type LogEvent } from '../api/answers';
import { FactsList } from '../parts/facts-list';
import { CheckIcon, CrossIcon, OpenIcon } from '../parts/icons';
import { Link } from '../parts/link';
import { LocalTime } from '../parts/time-text';
import { actorName } from '../text/event-names';
import { durationText, timeOf } from '../text/times';
import { type Committee, type Member } from '../timeline/committee';
import { type Step, type Story } from '../timeline/story';

/** What happened, step by step, phase by phase. */
export function Timeline({ story }: { readonly story: Story }) {
  const { phases, began } = story;
  return (
    <section aria-label="Timeline" class="timeline">
      {phases.map(({ name, steps }) => (
        <section key={name} aria-label={name} class="phase">
          <h2>{name}</h2>
          <ol>
            {steps.map((step) =>
              step.kind === 'committee' ? (
                <CommitteeItem key={`${step.event.log}/${step.event.index}`} committee={step} began={began} />
              ) : (
                <StepItem key={`${step.event.log}/${step.event.index}`} step={step} began={began} />
              ),
            )}
          </ol>
        </section>
      ))}
    </section>
  );
}

function StepItem({ step, began }: { readonly step: Step; readonly began: number | undefined }) {
  return (
    <li class={`step ${step.tone}`}>
      <StepHead name={step.name} event={step.event} began={began} />
      <FactsList facts={step.facts} />
    </li>
  );
}

function CommitteeItem({
  committee,
  began,
}: {
  readonly committee: Committee;
  readonly began: number | undefined;
}) {
  const { members, presignatureId, event } = committee;
  const tone = members.some(({ decision }) => decision === 'refused') ? 'bad' : 'plain';
  return (
    <li class={`step ${tone}`}>
      <StepHead name={`Committee of ${members.length} chosen`} event={event} began={began} />
      <table class="committee">
        <caption class="hidden">What each node of the committee did</caption>
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">Its policy</th>
            <th scope="col">Its share</th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <MemberRow key={member.node} member={member} />
          ))}
        </tbody>
      </table>
      {presignatureId === undefined ? null : (
        <FactsList facts={[{ label: 'Presignature', value: presignatureId, as: 'hash' }]} />
      )}
    </li>
  );
}

function MemberRow({ member }: { readonly member: Member }) {
  const { node, decision, rule, reason, isReceived, event } = member;
  return (
    <tr>
      <th scope="row">{node}</th>
      <td>
        {decision === 'asked' ? <span class="muted">no answer</span> : null}
        {decision === 'allowed' ? (
          <span class="good">
            <CheckIcon /> allowed
          </span>
        ) : null}
        {decision === 'refused' ? (
          <span class="bad">
            <CrossIcon /> refused{rule === undefined ? '' : `: ${rule}`}
          </span>
        ) : null}
        {reason === undefined ? null : <p class="reason">{reason}</p>}
      </td>
      <td>
        {decision === 'allowed' ? isReceived ? 'received' : 'given' : <OpenIcon />}
        {event === undefined ? null : (
          <>
            {' '}
            <EntryLink event={event} />
          </>
        )}
      </td>
    </tr>
  );
}

function StepHead({ name, event, began }: { name: string; event: LogEvent; began: number | undefined }) {
  const at = timeOf(event.time);
  const after = at === undefined || began === undefined ? undefined : at - began;
  return (
    <div class="step-head">
      <h3>{name}</h3>
      <p class="step-by">
        <span title={event.source ?? undefined}>{actorName(event.source)}</span>
        <LocalTime time={event.time} />
        {after === undefined || after <= 0 ? null : <span class="after">+{durationText(after)}</span>}
        <EntryLink event={event} />
      </p>
    </div>
  );
}

function EntryLink({ event: { log, index } }: { readonly event: LogEvent }) {
  return (
    <Link to={{ view: 'entry', log, index }} class="entry-link" title={`Entry ${index} of the log`}>
      #{index}
    </Link>
  );
}
