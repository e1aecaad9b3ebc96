import { type RootKey } from '@quorate/client';
import { type Final, type SignCompleted, type SignRejected } from '@quorate/protocol';
import { Command, Option } from 'commander';
import { contextOf } from '../context';
import { CommandFailure, EXIT } from '../exit-code';
import { withClient, withControl } from '../stack/connections';
import { keyOf } from '../stack/stack-facts';
import { type Stack } from '../stack/stack-file';
import { facts } from '../terminal/layout';
import { hexBytes, wholeNumber } from '../terminal/option-values';
import { type Output } from '../terminal/output';
import { payloadOf, type PayloadOptions } from './payload';

interface SignOptions extends PayloadOptions {
  key?: string;
  path?: string;
  id?: string;
  timeout: number;
}

const EXAMPLES = `
The answer is verified: the coordinator's signature, the digest, the child key (derived here from the root key) and
the signature itself. Exit status 4 when the request was rejected.

Examples:
  $ quorate sign --message "hello"
  $ quorate sign --typed-data permit.json --path m/44/60/0/0/7
  $ quorate sign --unsigned 0x02f8... --key k_7f3a --json
  $ quorate sign --kind bytes --message "hello" --key k_91c2    # an Ed25519 or BIP-340 key`;

export function signCommand(): Command {
  return new Command('sign')
    .description('ask for one signature and wait for it')
    .option('-m, --message <text>', 'personal message (EIP-191), as text')
    .option('--message-hex <hex>', 'personal message (EIP-191), as bytes', hexBytes)
    .option('--typed-data <file>', 'typed data (EIP-712), a JSON file; - reads standard input')
    .option('--unsigned <hex>', 'unsigned serialised transaction (types 0, 1, 2)', hexBytes)
    .option('--digest <hex>', 'bare 32 bytes, where the policy allows it', hexBytes)
    .addOption(
      new Option(
        '--kind <kind>',
        'payload kind (default: follows from the above; bytes for Ed25519 and BIP-340 keys)',
      ).choices(['evm-transaction', 'eip191', 'eip712', 'digest', 'bytes']),
    )
    .option('-k, --key <keyId>', 'the key (default: the key of the stack)')
    .option('--path <path>', 'derivation path, such as m/44/60/0/0/7 (default: the root key)')
    .option('--id <requestId>', 'request id (default: random)')
    .option('--timeout <seconds>', 'how long to wait', wholeNumber(1), 30)
    .addHelpText('after', EXAMPLES)
    .action(async (options: SignOptions, command: Command) => {
      const payload = payloadOf(options);
      const { stack, output } = contextOf(command);
      const request = {
        keyId: options.key ?? keyOf(stack).keyId,
        payload,
        ...(options.path === undefined ? {} : { path: options.path }),
        ...(options.id === undefined ? {} : { requestId: options.id }),
      };
      const key = await rootKey(stack, request.keyId);
      const { data } = await withClient(stack, (client) =>
        client.signRequest(request, {
          timeoutMs: options.timeout * 1000,
          ...(key === undefined ? {} : { key }),
        }),
      );
      report(data, output);
    });
}

/** The root key that answers are checked against; undefined when there is none: then the request says why. */
async function rootKey(stack: Stack, keyId: string): Promise<RootKey | undefined> {
  if (keyId === stack.key?.keyId) return stack.key;
  const keys = await withControl(stack, (control) => control.listKeys());
  return keys.find((key) => key.keyId === keyId);
}

function report(final: Final, output: Output): void {
  if (final.type === 'quorate.sign.rejected.v1') {
    throw new CommandFailure(EXIT.rejected, final.code, rejection(final), { ...final, verified: true });
  }
  output.result({ ...final, verified: true }, () => describe(final, output));
}

function describe(final: SignCompleted, output: Output): string {
  const { signature } = final;
  return facts([
    ['request', final.requestId],
    ['key', `${final.keyId}${final.path ? ` at ${final.path}` : ''}`],
    ['address', final.address],
    ['public key', final.publicKey],
    ['digest', final.digest],
    ...('bytes' in signature
      ? ([['signature', signature.bytes]] as const)
      : ([
          ['r', signature.r],
          ['s', signature.s],
          ['yParity', signature.yParity],
        ] as const)),
    ['signed by', final.committee.join(', ')],
    ['verified', output.paint('green', 'yes')],
  ]);
}

function rejection({ requestId, code, reason, details, mayBeSigned }: SignRejected): string {
  const rule = details?.rule === undefined ? '' : ` (rule ${details.rule})`;
  const warning = mayBeSigned ? '. Nodes were asked: a signature may exist' : '';
  return `request ${requestId} was rejected: ${code}: ${reason}${rule}${warning}`;
}
