import { type NodeSuspected, type StandingEvent } from './events';
import { evolve, restAfter } from './evolve';
import { isResting, isSpotless, type Standing, SUSPECTED_FROM, totalAt } from './standing';

/** A coordinator saw that the node did not do its work. */
export interface NoteFault {
  readonly kind: 'fault';
  readonly node: string;
  readonly reason: string;
  readonly now: number;
}

/** Work of two nodes failed, and nobody else can tell whose fault it was; the same goes to the peer. */
export interface NoteConflict {
  readonly kind: 'conflict';
  readonly node: string;
  readonly peer: string;
  /** 1, or a share of it when more than two nodes were involved. */
  readonly points: number;
  readonly reason: string;
  readonly now: number;
}

/** The node did its work together with these, in time. */
export interface NoteWork {
  readonly kind: 'work';
  readonly node: string;
  readonly peers: readonly string[];
  readonly now: number;
}

export type StandingCommand = NoteFault | NoteConflict | NoteWork;

/** A suspect that did so many pieces of work in a row has recovered. */
const GOOD_TO_RECOVER = 3;

/** What a node's conduct changes. Pure. Nothing here bars a node: it only says whom to ask rather than whom. */
export function decide(command: StandingCommand, standing: Standing): StandingEvent[] {
  return command.kind === 'work' ? work(command, standing) : fault(command, standing);
}

function fault(command: NoteFault | NoteConflict, standing: Standing): StandingEvent[] {
  const { node, reason, now } = command;
  const isSuspected = standing.suspectedSince !== null;
  // What fails while it rests was begun before: one misfortune, not many.
  if (isResting(standing, now) && (isSuspected || command.kind === 'fault')) return [];
  const [points, peer] = command.kind === 'fault' ? [1, null] : [command.points, command.peer];
  const noted: StandingEvent = { type: 'fault-noted', data: { reason, points, peer, at: now } };
  const after = evolve(standing, noted);
  const total = totalAt(after, now);
  if (isSuspected || total < SUSPECTED_FROM) return [noted];
  const rested = isResting(after, now) ? after.restsUntil : 0;
  const restsUntil = Math.max(rested, now + restAfter(after.strikes));
  const suspected: NodeSuspected = {
    node,
    reason,
    points: Math.round(total * 100) / 100,
    since: new Date(now).toISOString(),
    restsUntil: new Date(restsUntil).toISOString(),
  };
  return [noted, { type: 'quorate.node.suspected.v1', data: suspected }];
}

function work({ node, peers, now }: NoteWork, standing: Standing): StandingEvent[] {
  if (isSpotless(standing, now)) return [];
  const noted: StandingEvent = { type: 'work-noted', data: { peers, at: now } };
  const { suspectedSince } = standing;
  const good = evolve(standing, noted).goodInARow;
  if (suspectedSince === null || good < GOOD_TO_RECOVER) return [noted];
  const reason = `did ${good} pieces of work in a row`;
  const since = new Date(suspectedSince).toISOString();
  return [noted, { type: 'quorate.node.recovered.v1', data: { node, reason, suspectedSince: since } }];
}
