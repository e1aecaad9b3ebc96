import { HaltReader } from '@quorate/halts';
import { HaltCalls } from '../halt/halt-calls';
import { HaltOffice } from '../halt/halt-office';
import { OperatorCommands } from '../control/operator-command';
import { type Shared } from './shared';
import { type SigningRoom } from './signing-room';

export interface HaltRoom {
  readonly calls: HaltCalls;
  /** Remembers, then reads the state topics to the end of now and on. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Halts and resumes, from operators and from the state topics. */
export function wireHaltRoom(shared: Shared, { endings }: SigningRoom): HaltRoom {
  const { halts, confirmations, sessions, reports, peers, requesters, topics, signer } = shared;
  const { log, life, topicPrefix, progress, clock, logger } = shared;
  const commands = new OperatorCommands(requesters, clock);
  const office = new HaltOffice(halts, confirmations, sessions, peers, topics, signer, clock);
  const nodes = peers.withRole('node').map(({ kid }) => kid);
  const writers = [...peers.withRole('coordinator'), ...peers.withRole('submitter')].map(({ kid }) => kid);
  const authorities = {
    lookup: peers.lookup('coordinator', 'submitter'),
    readResume: (command: Buffer, signatures: readonly string[]) =>
      commands.passedOn({ command, signatures }),
  };
  const reader = new HaltReader(log, topics, authorities, halts, logger);
  halts.onChange((change) => {
    const isHalt = change.kind === 'halt';
    logger.warn({ ...change }, isHalt ? 'signing is halted' : 'signing is resumed');
    if (isHalt) endings.sweep();
    progress.tell('halt', change.scope, isHalt ? 'halted' : 'resumed', isHalt ? change.reason : '');
  });
  return {
    calls: new HaltCalls(commands, office, halts, reports, nodes),
    start: async () => {
      await halts.load();
      await reader.start(`${topicPrefix}${life}-halts`, writers);
      await office.sayAgain();
    },
    stop: async () => {
      await reader.stop();
      await endings.idle();
    },
  };
}
