import { status } from '@grpc/grpc-js';
import { type DurableHalts, type Halt } from '@quorate/halts';
import { QuorateError } from '@quorate/platform';
import { ControlError } from '../control/control-error';
import { type CommandRequest, type OperatorCommands } from '../control/operator-command';
import { refusalsIn } from '../node-session/node-confirmations';
import { type NodeReports } from '../node-session/node-reports';
import { type HaltOffice, type HaltOutcome } from './halt-office';

export interface HaltRequest extends CommandRequest {
  readonly scope: string;
  readonly reason: string;
}

export interface ResumeRequest extends CommandRequest {
  readonly scope: string;
}

/** A halt, and where it holds. */
interface HaltMessage extends Halt {
  readonly places: readonly string[];
}

/** The calls that stop signing and let it go on. */
export class HaltCalls {
  constructor(
    private readonly commands: OperatorCommands,
    private readonly office: HaltOffice,
    private readonly halts: DurableHalts,
    private readonly reports: NodeReports,
    /** All nodes of PEERS_FILE. */
    private readonly nodes: readonly string[],
  ) {}

  async halt(request: HaltRequest): Promise<HaltOutcome> {
    const command = this.commands.read('Halt', request);
    // Whoever may halt: this coordinator puts its own name under it, for the nodes that the push does not reach.
    return this.carryOut(this.office.halt(request, command, this.commands.signerOf(request)));
  }

  async resume(request: ResumeRequest): Promise<HaltOutcome> {
    const command = this.commands.read('Resume', request);
    const reported = this.list().halts.flatMap((halt) => (halt.scope === command.scope ? [halt.haltId] : []));
    const outcome = await this.carryOut(this.office.resume(request, command, reported));
    const said = refusalsIn(outcome.nodes);
    if (said !== '') throw new ControlError(status.PERMISSION_DENIED, `nothing is resumed here: ${said}`);
    return outcome;
  }

  /** What is halted here, and what nodes say is halted there. */
  list(): { halts: HaltMessage[] } {
    const found = new Map<string, { halt: Halt; places: string[] }>();
    const note = (halt: Halt, place: string): void => {
      const name = `${halt.haltId} ${halt.scope}`;
      const entry = found.get(name) ?? { halt, places: [] };
      entry.places.push(place);
      found.set(name, entry);
    };
    for (const halt of this.halts.active()) note(halt, 'coordinators');
    for (const node of this.nodes) for (const halt of this.reports.of(node)?.halts ?? []) note(halt, node);
    return { halts: [...found.values()].map(({ halt, places }) => ({ ...halt, places })) };
  }

  private async carryOut(work: Promise<HaltOutcome>): Promise<HaltOutcome> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof QuorateError)) throw error;
      if (error.kind === 'refused') throw new ControlError(status.PERMISSION_DENIED, error.message);
      if (error.kind !== 'unavailable') throw error;
      const message = `the coordinator cannot store it now (${error.message}): repeat the same command`;
      throw new ControlError(status.UNAVAILABLE, message);
    }
  }
}
