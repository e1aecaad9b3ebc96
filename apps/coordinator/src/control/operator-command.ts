import { status } from '@grpc/grpc-js';
import { type RequesterDirectory } from '@quorate/platform';
import {
  claimedKid,
  type CommandName,
  type CommandOf,
  readOperatorCommand,
  verifyDetached,
} from '@quorate/protocol';
import { type Clock } from '../ports/clock.port';
import { ControlError } from './control-error';

/** The fields of every changing call: what the operators signed, to be passed on to the nodes. */
export interface CommandRequest {
  readonly command: Buffer;
  readonly signatures: readonly string[];
}

/** Tells operators early what the nodes would refuse; the nodes check every command again themselves. */
export class OperatorCommands {
  constructor(
    private readonly requesters: RequesterDirectory,
    private readonly clock: Clock,
  ) {}

  /**
   * The command of a call, whose parameters must be those of the signed command.
   * @throws ControlError with the first thing that is wrong
   */
  read<W extends CommandName>(what: W, request: CommandRequest & object): CommandOf<W> {
    const command = commandIn(what, request);
    const signed = new Map<string, unknown>(Object.entries(command));
    for (const [name, value] of Object.entries(request)) {
      if (!signed.has(name)) continue;
      if (JSON.stringify(value) !== JSON.stringify(signed.get(name))) {
        throw invalid(
          `${name} differs from the signed command${Array.isArray(value) ? ' (the order counts)' : ''}`,
        );
      }
    }
    if (new Date(command.expiry) <= this.clock.now())
      throw invalid(`the command expired at ${command.expiry}`);
    this.checkSignatures(request);
    this.signerOf(request);
    return command;
  }

  /**
   * An operator of REQUESTERS_FILE who signed the command.
   * @throws ControlError when there is none
   */
  signerOf({ command, signatures }: CommandRequest): string {
    const key = (kid: string) => this.requesters.operator(kid)?.publicKey;
    for (const jws of signatures) {
      const verdict = verifyDetached(jws, command, 'operator-command', key);
      if ('kid' in verdict) return verdict.kid;
    }
    throw new ControlError(status.PERMISSION_DENIED, 'no operator of REQUESTERS_FILE signed the command');
  }

  /**
   * A resume that another coordinator took and passes on: its expiry was looked at there.
   * @throws ControlError when it is none, or no known operator signed it
   */
  passedOn(request: CommandRequest): CommandOf<'Resume'> {
    const command = commandIn('Resume', request);
    this.signerOf(request);
    return command;
  }

  /** What this coordinator can already tell is not an operator's signature. */
  private checkSignatures({ command, signatures }: CommandRequest): void {
    if (signatures.length === 0) throw invalid("signatures: at least one operator's detached JWS is needed");
    for (const jws of signatures) {
      const operator = this.requesters.operator(claimedKid(jws) ?? '');
      if (operator === undefined) continue;
      const verdict = verifyDetached(jws, command, 'operator-command', () => operator.publicKey);
      if ('error' in verdict) throw new ControlError(status.PERMISSION_DENIED, verdict.reason);
    }
  }
}

function commandIn<W extends CommandName>(what: W, { command }: CommandRequest): CommandOf<W> {
  const read = readOperatorCommand(what, command);
  if (!read.ok) throw invalid(`command: ${read.reason}`);
  return read.command;
}

function invalid(message: string): ControlError {
  return new ControlError(status.INVALID_ARGUMENT, message);
}
