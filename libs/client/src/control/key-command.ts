import { randomBytes, type KeyObject } from 'node:crypto';
import { Invalid } from '@quorate/platform';
import {
  type CreateKeyCommandInput,
  createKeyCommandSchema,
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

export type CreateKeyParameters = Pick<
  CreateKeyCommandInput,
  'scheme' | 'threshold' | 'participants' | 'disjointQuorums'
>;

const VALIDITY_MS = 10 * 60_000;

/**
 * The command to create a key, signed by all given operators, valid for ten minutes.
 * @throws Invalid `command` naming each wrong parameter.
 */
export function signCreateKey(
  parameters: CreateKeyParameters,
  operators: readonly Operator[],
  now = new Date(),
): SignedCommand {
  const content: CreateKeyCommandInput = {
    what: 'CreateKey',
    ...parameters,
    epoch: 0,
    expiry: new Date(now.getTime() + VALIDITY_MS).toISOString(),
    nonce: `0x${randomBytes(32).toString('hex')}`,
  };
  const checked = createKeyCommandSchema.safeParse(content);
  if (!checked.success) throw new Invalid('command', schemaIssues(checked.error).join('; '));
  const command = Buffer.from(JSON.stringify(content));
  return {
    command,
    signatures: operators.map(({ kid, privateKey }) =>
      signDetached(privateKey, kid, 'operator-command', command),
    ),
  };
}
