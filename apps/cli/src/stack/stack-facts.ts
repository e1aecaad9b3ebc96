import { CommandFailure, EXIT } from '../exit-code';
import { type Stack, type StackKey } from './stack-file';

/** The nodes of the stack, by kid. */
export function nodesOf({ deployment, databases }: Stack): string[] {
  return deployment?.nodes ?? Object.keys(databases?.nodes ?? {});
}

/** The key that commands use when none is named. @throws CommandFailure `no-key` while a deployment has none */
export function keyOf({ key }: Stack): StackKey {
  if (key !== null) return key;
  throw new CommandFailure(
    EXIT.failure,
    'no-key',
    'this deployment has no key yet: make one by `quorate keys create`, or name one of `quorate keys list` with --key',
  );
}

/** Where to look when something of a service is wrong. */
export function logOf({ deployment }: Stack, service: string): string {
  return deployment === undefined ? `see .quorate/logs of ${service}` : `docker compose logs ${service}`;
}

/** For commands that work on what only the machine of a service has. */
export function notHere(what: string, remedy: string): CommandFailure {
  return new CommandFailure(EXIT.failure, 'not-here', `this is a deployment: ${what} from here. ${remedy}`);
}
