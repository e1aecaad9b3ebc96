/** The story of a request: what the log knows under one id, as people tell it. Pure; nothing of an unverified entry is told. */
import { type LogEvent } from '../api/answers';
import { eventName, eventTone, type Tone } from '../text/event-names';
import { timeOf } from '../text/times';
import { chosenCommittee, type Committee, withAnswer } from './committee';
import { type Fact, factsOf } from './facts';
import { clientContent, textField, typeOf } from './fields';
import { type Stage, stagesOf, type Status, statusOf } from './status';

export interface Step {
  readonly kind: 'step';
  readonly name: string;
  readonly tone: Tone;
  readonly facts: readonly Fact[];
  readonly event: LogEvent;
}

export interface Phase {
  readonly name: string;
  readonly steps: readonly (Step | Committee)[];
}

export interface Story {
  readonly kind: 'transaction' | 'signature' | 'other';
  readonly requester: string | undefined;
  readonly status: Status;
  readonly stages: readonly Stage[];
  readonly phases: readonly Phase[];
  /** What the client asked for, as it signed it. */
  readonly asked: Readonly<Record<string, unknown>> | undefined;
  /** Milliseconds since 1970. */
  readonly began: number | undefined;
  readonly ended: number | undefined;
  /** All entries that it is told from. */
  readonly events: readonly LogEvent[];
}

/** The stories under one id, one for each client that used it; those without a client are one. */
export function storiesOf(events: readonly LogEvent[]): Story[] {
  const told = events.filter(({ verified, duplicateOf }) => verified && duplicateOf === null);
  const clients = [...new Set(openings(told).map((event) => textField(event.data, 'requester') ?? ''))];
  if (clients.length < 2) return told.length === 0 ? [] : [storyOf(told)];
  return clients.map((client) => storyOf(told.filter((event) => isOf(event, client, told))));
}

/** Records of clients; requests of the submitter belong to the intent that they sign for. */
function openings(events: readonly LogEvent[]): LogEvent[] {
  const intents = events.filter((event) => typeOf(event) === 'tx.requested');
  return intents.length > 0 ? intents : events.filter((event) => typeOf(event) === 'sign.requested');
}

function isOf(event: LogEvent, client: string, events: readonly LogEvent[]): boolean {
  const requester = textField(event.data, 'requester');
  if (requester === undefined || requester === client) return true;
  const requestId = textField(event.data, 'requestId');
  return events.some(
    (other) =>
      typeOf(other) === 'tx.signature-requested' &&
      textField(other.data, 'requester') === client &&
      textField(other.data, 'requestId') === requestId,
  );
}

function storyOf(events: readonly LogEvent[]): Story {
  const [opening] = openings(events);
  const types = events.map(typeOf);
  const kind = types.some((type) => type.startsWith('tx.'))
    ? 'transaction'
    : types.some((type) => type.startsWith('sign.'))
      ? 'signature'
      : 'other';
  const status = statusOf(events, kind);
  return {
    kind,
    requester: textField(opening?.data, 'requester'),
    status,
    stages: stagesOf(events, kind, status),
    phases: phasesOf(events, kind),
    asked: opening && clientContent(opening),
    began: timeOf(events[0]?.time),
    ended: timeOf(events.at(-1)?.time),
    events,
  };
}

function phasesOf(events: readonly LogEvent[], kind: Story['kind']): Phase[] {
  const phases = new Map<string, (Step | Committee)[]>();
  const attempts = attemptsOf(events);
  for (const event of events) {
    if ([...phases.values()].some((steps) => isFolded(steps, event))) continue;
    const name = phaseOf(event, kind, attempts);
    const steps = phases.get(name) ?? [];
    phases.set(name, [...steps, stepOf(event)]);
  }
  return [...phases].map(([name, steps]) => ({ name, steps }));
}

/** Takes what a node or the coordinator says of a committee into its step. */
function isFolded(steps: (Step | Committee)[], event: LogEvent): boolean {
  for (let i = steps.length - 1; i >= 0; i -= 1) {
    const step = steps[i];
    const changed = step?.kind === 'committee' ? withAnswer(step, event) : undefined;
    if (changed === undefined) continue;
    steps[i] = changed;
    return true;
  }
  return false;
}

function stepOf(event: LogEvent): Step | Committee {
  if (typeOf(event) === 'sign.committee-chosen') return chosenCommittee(event);
  return {
    kind: 'step',
    name: eventName(event.type),
    tone: eventTone(event.type),
    facts: factsOf(event),
    event,
  };
}

/** The attempt (from 0) of a transaction that a request signs for. */
function attemptsOf(events: readonly LogEvent[]): ReadonlyMap<string, string> {
  return new Map(
    events
      .filter((event) => typeOf(event) === 'tx.signature-requested')
      .map(({ data }) => [textField(data, 'requestId') ?? '', textField(data, 'attempt') ?? '0']),
  );
}

function phaseOf(event: LogEvent, kind: Story['kind'], attempts: ReadonlyMap<string, string>): string {
  const type = typeOf(event);
  if (kind === 'other') return 'Events';
  if (kind === 'signature') {
    if (type === 'sign.requested') return 'Request';
    return ['sign.completed', 'sign.rejected'].includes(type) ? 'Result' : 'Committee';
  }
  switch (type) {
    case 'tx.requested':
    case 'tx.authorized':
    case 'tx.rejected':
    case 'tx.amended':
      return 'Request';
    case 'tx.nonce-reserved':
    case 'tx.filler-created':
      return 'Lane';
    case 'tx.included':
    case 'tx.reorged':
    case 'tx.confirmed':
    case 'tx.reverted':
    case 'tx.finalized':
      return 'Chain';
    default: {
      const attempt = textField(event.data, 'attempt');
      const ofRequest = attempts.get(textField(event.data, 'requestId') ?? '');
      const number = ofRequest ?? (type.startsWith('tx.') ? attempt : undefined);
      return number === undefined ? 'What happened to it' : `Attempt ${Number(number) + 1}`;
    }
  }
}
