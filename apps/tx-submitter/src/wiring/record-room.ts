import { Deadlines, type DueActions, type PoisonHandler, type StoreTransaction } from '@quorate/event-store';
import { type LogRecord, type MessageLog } from '@quorate/messaging';
import { type PeerDirectory, type RequesterDirectory } from '@quorate/platform';
import { DeadLetters } from '@quorate/protocol';
import { IntentIntake, keyArrivalDue } from '../intent/intent-intake';
import { PublishedKeys } from '../key-register/published-keys';
import { StateReader } from '../key-register/state-reader';
import { AskAgain } from '../signing/ask-again';
import { FinalIntake, signAgainDue } from '../signing/final-intake';
import { canBeFor } from '../signing/own-answers';
import { reminderDue } from '../signing/sign-request';
import { type ChainRoom } from './chain-room';
import { type LaneRoom } from './lane-room';
import { type Shared } from './shared';

/** A topic that is read in transactions, each batch once. */
export interface Inbox {
  consumer: string;
  topic: string;
  group: string;
  /** Whether a record has to be handled; without it, all have. */
  concerns?: (record: LogRecord) => boolean;
  handle: (tx: StoreTransaction, records: LogRecord[]) => Promise<void>;
  onPoison: PoisonHandler;
}

export interface RecordRoom {
  /** The register of keys that intents are looked up in. */
  readonly stateReader: StateReader;
  readonly inboxes: Inbox[];
  readonly deadlines: Deadlines;
  readonly dueActions: DueActions;
  readonly deadLetters: DeadLetters;
}

/** Where records come from, and who may have signed them. */
export interface Sources {
  readonly log: MessageLog;
  readonly peers: PeerDirectory;
  readonly requesters: RequesterDirectory;
}

/** The records that come in, intents and finals, and what is due when none comes. */
export function wireRecordRoom(
  shared: Shared,
  { leases, calls, onReleased }: LaneRoom,
  { broadcaster }: ChainRoom,
  { log, peers, requesters }: Sources,
): RecordRoom {
  const { config, topics, store, records, metrics, logger, now } = shared;
  const { TOPIC_PREFIX, SERVICE_ID } = config;
  const keys = new PublishedKeys(logger);
  const stateReader = new StateReader(log, topics, `${TOPIC_PREFIX}${SERVICE_ID}`, peers, keys, logger);
  const deadLetters = new DeadLetters(topics.deadLetters, SERVICE_ID, now, metrics);
  const wakeLane: LaneRoom['workers']['wake'] = (lane) => calls.call(lane);
  const intake = new IntentIntake({
    ...{ ...shared, keys, deadLetters, wakeLane },
    outcomesTopic: topics.outcomes,
    requesters: (kid) => requesters.requester(kid),
    mayUse: (kid, keyId) => requesters.mayUse(kid, keyId),
  });
  const finals = new FinalIntake({
    ...{ ...shared, deadLetters, wakeLane, onReleased },
    ...{ requester: records.requester, coordinators: peers.lookup('coordinator') },
    broadcast: (transaction) => {
      if (leases.holds(transaction.lane)) broadcaster.send(transaction);
      else calls.call(transaction.lane, transaction.hash);
    },
  });
  const askAgain = new AskAgain(shared);
  const onPoison: PoisonHandler = async (tx, record, error) => {
    const { topic, offset } = record;
    logger.error({ err: error, topic, offset: String(offset) }, 'record cannot be handled');
    deadLetters.add(tx, record, { code: 'unhandled', reason: error.message });
  };
  const inbox = (consumer: string, topic: string) => ({
    ...{ consumer, topic, onPoison },
    group: `${TOPIC_PREFIX}${consumer}`,
  });
  return {
    ...{ stateReader, deadLetters },
    inboxes: [
      {
        ...inbox('submitter', topics.intents),
        handle: (tx, batch) => intake.handle(tx, batch),
      },
      {
        ...inbox('submitter-finals', topics.finals),
        concerns: canBeFor(records.requester),
        handle: (tx, batch) => finals.handle(tx, batch),
      },
    ],
    deadlines: new Deadlines(store, 1, logger), // two rows may be about one intent
    dueActions: {
      [keyArrivalDue]: (tx, row) => intake.lookForKey(tx, row),
      [signAgainDue]: (tx, row) => askAgain.withFreshRequest(tx, row),
      [reminderDue]: (tx, row) => askAgain.withSameRequest(tx, row),
    },
  };
}
