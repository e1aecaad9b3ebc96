import { randomUUID } from 'node:crypto';
import { changeOfHalt, changeOfResume, commandId, type DurableHalts } from '@quorate/halts';
import { type OutgoingRecord } from '@quorate/messaging';
import { type PeerDirectory } from '@quorate/platform';
import {
  type CommandOf,
  encodeRecord,
  type HaltStateInput,
  type RecordSigner,
  type ResumeStateInput,
  type TopicNames,
} from '@quorate/protocol';
import { type NodeSessions } from '../node-session/node-sessions';
import { type Clock } from '../ports/clock.port';
import { type Confirmation, type NodeConfirmations } from '../node-session/node-confirmations';

/** The operators' exact bytes and signatures, as the nodes want to see them. */
export interface SignedCommand {
  readonly command: Buffer;
  readonly signatures: readonly string[];
}

/** What came of a halt or resume. */
export interface HaltOutcome {
  readonly halts: readonly string[];
  readonly nodes: readonly Confirmation[];
}

/**
 * Carries out the halts and resumes that operators ask of this coordinator: to the nodes over their sessions and, for
 * those that are away and for the other coordinators, as a record on this coordinator's state topic.
 */
export class HaltOffice {
  constructor(
    private readonly halts: DurableHalts,
    private readonly confirmations: NodeConfirmations,
    private readonly sessions: NodeSessions,
    private readonly peers: PeerDirectory,
    private readonly topics: TopicNames,
    private readonly signer: RecordSigner,
    private readonly clock: Clock,
  ) {}

  /**
   * Nodes and this coordinator stop at the same time, before anything is stored.
   * @param by the operator who signed it
   * @throws Unavailable when it could not be stored: it holds here until the next start, and at nodes that were reached
   */
  async halt(signed: SignedCommand, command: CommandOf<'Halt'>, by: string): Promise<HaltOutcome> {
    const { scope, reason } = command;
    const change = changeOfHalt(signed.command, command, by);
    const haltId = commandId(signed.command);
    const asked = this.ask(haltId, { halt: { scope, reason, ...wire(signed) } });
    const state: HaltStateInput = {
      ...{ type: 'quorate.state.halt.v1', id: randomUUID(), haltId, scope, reason, by },
      at: this.clock.now().toISOString(),
    };
    const publish = this.record(`halt:${haltId}`, state);
    await this.halts.take(change, { publish, evidence: evidenceOf(signed) });
    return { halts: [haltId], nodes: await asked };
  }

  /**
   * The nodes first: what one of them refuses is not in force here either.
   * @param reported halts that only nodes know, such as their own
   * @throws Unavailable when it could not be stored: then it may hold at nodes, and not here
   * @throws Refused `operator` when it names no halts and was used for others before
   */
  async resume(
    signed: SignedCommand,
    command: CommandOf<'Resume'>,
    reported: readonly string[],
  ): Promise<HaltOutcome> {
    const { scope } = command;
    const known = this.halts.active().flatMap((halt) => (halt.scope === scope ? [halt.haltId] : []));
    const found = [...new Set([...known, ...reported])];
    const change = changeOfResume(signed.command, command, found, this.clock.now());
    if (change?.kind !== 'resume') return { halts: [], nodes: [] };
    const { halts } = change;
    const id = commandId(signed.command);
    const nodes = await this.ask(id, { resume: { ...wire(signed), halts: [...halts] } });
    if (nodes.some(({ state }) => state === 'refused')) return { halts: [], nodes };
    const state: ResumeStateInput = {
      ...{ type: 'quorate.state.resume.v1', id: randomUUID(), scope, halts: [...halts] },
      ...{ command: signed.command.toString('base64'), signatures: [...signed.signatures] },
      at: this.clock.now().toISOString(),
    };
    const publish = this.record(`resume:${id}`, state);
    await this.halts.take(change, { publish, evidence: evidenceOf(signed) });
    return { halts, nodes };
  }

  /** Publishes the halts in force again: what this coordinator said under a former identity does not count for ever. */
  sayAgain(): Promise<void> {
    const at = this.clock.now().toISOString();
    return this.halts.publish((halt) =>
      this.record(`halt:${halt.haltId}`, { ...halt, type: 'quorate.state.halt.v1', id: randomUUID(), at }),
    );
  }

  private ask(taskId: string, message: Parameters<NodeSessions['send']>[1]): Promise<Confirmation[]> {
    const nodes = this.peers.withRole('node').map(({ kid }) => kid);
    return this.confirmations.ask(taskId, nodes, (node) => this.sessions.send(node, message));
  }

  private record(key: string, data: HaltStateInput | ResumeStateInput): OutgoingRecord {
    const { signer, topics } = this;
    const source = `/coordinator/${signer.kid}`;
    const record = { typ: 'state' as const, source, data, key, time: this.clock.now() };
    return { topic: topics.state(signer.kid), ...encodeRecord(record, signer) };
  }
}

function wire({ command, signatures }: SignedCommand): { command: Buffer; signatures: string[] } {
  return { command, signatures: [...signatures] };
}

function evidenceOf({ command, signatures }: SignedCommand): object {
  return { command: command.toString('base64'), signatures };
}
