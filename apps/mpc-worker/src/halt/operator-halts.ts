import { Refused } from '@quorate/platform';
import { type PolicySource } from '../policy/policy-source';
import { changeOfHalt, changeOfResume, type DurableHalts } from '@quorate/halts';
import { type CommandOf, verifyDetached } from '@quorate/protocol';
import { type UnverifiedCommand, verifyCommand } from '../operator-command/verify-command';

/** One operator is enough to stop. */
const OPERATORS_FOR_HALT = 1;
/** Of expiry, halts and resumes have a rule of their own (docs/halt.md): `verifyCommand` is not to look at it. */
const WHENEVER = 0;

/** The operators' halts and resumes as coordinators hand them over, judged by this node's own policy. */
export class OperatorHalts {
  constructor(
    private readonly halts: Pick<DurableHalts, 'take'>,
    private readonly policy: Pick<PolicySource, 'current'>,
  ) {}

  /** @throws Refused `operator`, Unavailable when it could not be stored (it is in force all the same) */
  async halt(signed: UnverifiedCommand): Promise<void> {
    const command = verifyCommand('Halt', signed, this.policy.current(), WHENEVER, OPERATORS_FOR_HALT);
    await this.halts.take(changeOfHalt(signed.command, command, this.signerOf(signed)), {
      evidence: evidenceOf(signed),
    });
  }

  /**
   * @param found what the coordinator found halted: for a resume that names no halts itself
   * @throws Refused `operator`, Unavailable when it could not be stored (then it is not in force)
   */
  async resume(signed: UnverifiedCommand, found: readonly string[]): Promise<void> {
    const change = changeOfResume(signed.command, this.readResume(signed), found, new Date());
    if (change === undefined) {
      throw new Refused('operator', 'the resume names no halts and has expired, or there was nothing to end');
    }
    await this.halts.take(change, { evidence: evidenceOf(signed) });
  }

  /** @throws Refused `operator` when fewer operators signed it than this node's policy asks for */
  readResume(signed: UnverifiedCommand): CommandOf<'Resume'> {
    return verifyCommand('Resume', signed, this.policy.current(), WHENEVER);
  }

  /** The first operator who signed it. */
  private signerOf({ command, signatures }: UnverifiedCommand): string {
    const { operators } = this.policy.current();
    for (const signature of signatures) {
      const verdict = verifyDetached(signature, command, 'operator-command', (kid) =>
        operators.get(kid)?.at(Date.now()),
      );
      if ('kid' in verdict) return verdict.kid;
    }
    throw new Refused('operator', 'no operator of this policy signed the halt');
  }
}

function evidenceOf({ command, signatures }: UnverifiedCommand): object {
  return { command: command.toString('base64'), signatures };
}
