import { Deadlines, type DueActions } from '@quorate/event-store';
import { AnswerIntake } from '../combine/answer-intake';
import { AttemptProgress } from '../combine/attempt-progress';
import { PartialReader } from '../combine/partial-reader';
import { HaltedNodes } from '../halt/halted-nodes';
import { HaltedRequests } from '../halt/halted-requests';
import { RetiredKeyRequests } from '../key-registry/retired-key-requests';
import { Assignments } from '../node-session/assignments';
import { NodeDesk } from '../node-session/node-desk';
import { NodeEvents } from '../node-session/node-events';
import { TurnAway } from '../node-session/turn-away';
import { Admission } from '../overload/admission';
import { CommitteeChoice } from '../sign-request/committee-choice';
import { EarlyEndings } from '../sign-request/early-endings';
import { FinalRecords } from '../sign-request/final-record';
import { OverdueRequests } from '../sign-request/overdue-requests';
import { RequestIntake } from '../sign-request/request-intake';
import { SignRequestMetrics } from '../sign-request/sign-request-metrics';
import { SignRequests } from '../sign-request/sign-requests';
import { WaitingRoom } from '../sign-request/waiting-room';
import { type Shared } from './shared';
import { type StockRoom } from './stock-room';

const OVERDUE_AT_ONCE = 32;

export interface SigningRoom {
  readonly intake: RequestIntake;
  readonly answerIntake: AnswerIntake;
  readonly partialReader: PartialReader;
  readonly assignments: Assignments;
  readonly deadlines: Deadlines;
  readonly dueActions: DueActions;
  readonly desk: NodeDesk;
  readonly endings: EarlyEndings;
}

/** Sign requests from their record to their final. */
export function wireSigningRoom(shared: Shared, room: StockRoom): SigningRoom {
  const {
    store,
    outcomes,
    answers,
    waiting,
    batches,
    sessions,
    peers,
    deadLetters,
    progress,
    clock,
    logger,
  } = shared;
  const { keys, stock, leases, results, rounds } = room;
  const { pulse, conduct, quarantine } = shared;
  const assignments = new Assignments(sessions, pulse, conduct);
  const turnAway = new TurnAway(store, assignments, clock, logger);
  const choice = new CommitteeChoice(stock, quarantine, new HaltedNodes(shared.reports));
  const metrics = new SignRequestMetrics(shared.metrics);
  const finals = new FinalRecords(shared.topics.finals, shared.signer);
  const requests = new SignRequests(
    store,
    outcomes,
    answers,
    waiting,
    batches,
    finals,
    assignments,
    metrics,
    pulse,
    clock,
  );
  const halted = new HaltedRequests(shared.halts, clock);
  const endings = new EarlyEndings(store, requests, [halted, new RetiredKeyRequests(keys, clock)], logger);
  keys.onRetired(() => endings.sweep());
  const attempts = new AttemptProgress(keys, choice, clock, logger);
  const waitingRoom = new WaitingRoom(store, waiting, requests, choice, stock, logger);
  const serve = (keyId: string) => {
    void waitingRoom.serve(keyId);
    rounds.soon();
  };
  const intake = new RequestIntake(
    requests,
    outcomes,
    choice,
    leases,
    keys,
    shared.requesters,
    halted,
    new Admission((kid) => shared.requesters.requester(kid)?.limits, clock),
    deadLetters,
    metrics,
    clock,
    shared.requestDeadlineMs,
  );
  const reader = new PartialReader(peers, (data) => conduct.heard(data));
  const answerIntake = new AnswerIntake(
    requests,
    answers,
    attempts,
    results,
    reader,
    deadLetters,
    metrics,
    clock,
  );
  const overdue = new OverdueRequests(
    requests,
    answers,
    batches,
    attempts,
    assignments,
    sessions,
    turnAway,
    pulse,
    conduct,
    endings,
    clock,
    serve,
  );
  const deadlines = new Deadlines(store, OVERDUE_AT_ONCE, logger);
  const dueActions: DueActions = {
    sign: (tx, row) => overdue.handle(tx, row),
    ceremony: (tx, row) => results.fail(tx, [row.key], 'not ended in time'),
    'node-left': (tx, row) => room.reconciliation.nodeLeft(tx, row.key),
    'key-order': (tx, row) => room.orderDesk.resume(tx, row),
    'key-refresh': (tx, row) => room.orderDesk.refreshDue(tx, row),
  };
  const desk = new NodeDesk(
    store,
    sessions,
    assignments,
    room.reconciliation,
    results,
    new NodeEvents(clock),
    room.retirement,
    conduct,
    turnAway,
    progress,
    clock,
    logger,
  );
  requests.onDemand(() => rounds.soon());
  room.keeper.onHeld((keyId) => void waitingRoom.serve(keyId));
  return { intake, answerIntake, partialReader: reader, assignments, deadlines, dueActions, desk, endings };
}
