import { type CommandContent, signCommand, type SignedCommand } from '@quorate/client';
import { loadIdentityKey } from '@quorate/platform';
import { type Stack } from '../stack/stack-file';

/** The command with the signatures of all operators of the stack: the nodes act on these alone. */
export function signAsOperators(stack: Stack, content: CommandContent): SignedCommand {
  const operators = stack.control.operators.map(({ kid, privateKeyFile }) => ({
    kid,
    privateKey: loadIdentityKey(privateKeyFile),
  }));
  return signCommand(content, operators);
}
