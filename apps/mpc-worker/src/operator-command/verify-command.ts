import { Refused } from '@quorate/platform';
import { type Policy } from '@quorate/policy';
import { type CommandName, type CommandOf, readOperatorCommand, verifyDetached } from '@quorate/protocol';

/** A command as it arrives: exact bytes and detached signatures, none of them believed. */
export interface UnverifiedCommand {
  readonly command: Buffer;
  readonly signatures: readonly string[];
}

/**
 * The command, when it is of this kind, not expired, and signed by enough different operators of this node's own policy.
 *
 * @param required signatures; a halt needs one, everything else `policy.operatorsRequired`
 * @param now seconds since 1970
 * @throws Refused `operator`
 */
export function verifyCommand<W extends CommandName>(
  what: W,
  { command, signatures }: UnverifiedCommand,
  policy: Policy,
  now: number,
  required = policy.operatorsRequired,
): CommandOf<W> {
  const signers = new Set<string>();
  for (const signature of signatures.slice(0, policy.operators.size)) {
    const verified = verifyDetached(signature, command, 'operator-command', (kid) =>
      policy.operators.get(kid)?.at(Date.now()),
    );
    if ('kid' in verified) signers.add(verified.kid);
  }
  if (signers.size < required) {
    throw new Refused(
      'operator',
      `the command has ${signers.size} valid operator signatures; this node's policy asks for ${required}`,
    );
  }
  const read = readOperatorCommand(what, command);
  if (!read.ok) throw new Refused('operator', `the operator command is not valid: ${read.reason}`);
  if (Date.parse(read.command.expiry) / 1000 < now)
    throw new Refused('operator', 'the operator command has expired');
  return read.command;
}
