import { randomBytes, type KeyObject } from 'node:crypto';
import { Invalid } from '@quorate/platform';
import {
  type OperatorCommandInput,
  operatorCommandSchema,
  schemaIssues,
  signDetached,
} from '@quorate/protocol';

/** An operator of the installation, with the Ed25519 key that the nodes' policies name. */
export interface Operator {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

/** A changing command as operators sign it: the nodes act on these exact bytes and signatures alone. */
export interface SignedCommand {
  readonly command: Buffer;
  /** Detached JWS, typ operator-command, one per operator. */
  readonly signatures: string[];
}

type WithoutStamp<C> = C extends unknown ? Omit<C, 'expiry' | 'nonce'> : never;
/** What is commanded; expiry and nonce are added when it is signed. */
export type CommandContent = WithoutStamp<OperatorCommandInput>;

const VALIDITY_MS = 10 * 60_000;
/** Nodes that are away when a key is retired must still be able to obey when they come back. */
const RETIREMENT_VALIDITY_MS = 90 * 24 * 60 * 60_000;

/**
 * The command, signed by all given operators, valid for ten minutes; the end of a key for 90 days.
 * @throws Invalid `command` naming each wrong parameter.
 */
export function signCommand(
  content: CommandContent,
  operators: readonly Operator[],
  now = new Date(),
): SignedCommand {
  const stamped = {
    ...content,
    expiry: new Date(now.getTime() + validityOf(content)).toISOString(),
    nonce: `0x${randomBytes(32).toString('hex')}`,
  };
  const checked = operatorCommandSchema.safeParse(stamped);
  if (!checked.success) throw new Invalid('command', schemaIssues(checked.error).join('; '));
  const command = Buffer.from(JSON.stringify(stamped));
  return {
    command,
    signatures: operators.map(({ kid, privateKey }) =>
      signDetached(privateKey, kid, 'operator-command', command),
    ),
  };
}

function validityOf({ what }: CommandContent): number {
  return what === 'RetireKey' ? RETIREMENT_VALIDITY_MS : VALIDITY_MS;
}
