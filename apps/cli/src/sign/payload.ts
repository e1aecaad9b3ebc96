import { readFileSync } from 'node:fs';
import { type SignRequestOptions } from '@quorate/client';
import { typedDataSchema } from '@quorate/protocol';
import { usageError } from '../exit-code';

/** The options of `sign` that say what is to be signed. */
export interface PayloadOptions {
  readonly kind?: string;
  readonly message?: string;
  readonly messageHex?: string;
  readonly typedData?: string;
  readonly unsigned?: string;
  readonly digest?: string;
}

type Payload = SignRequestOptions['payload'];

/**
 * The payload out of the options; its kind follows from the option that gives the content.
 * @throws CommandFailure (usage) unless exactly one content is given, and it fits `--kind`
 */
export function payloadOf(options: PayloadOptions): Payload {
  const payload = contentOf(options);
  const { kind = payload.kind } = options;
  if (kind === payload.kind) return payload;
  if (kind === 'bytes' && payload.kind === 'eip191') return { kind: 'bytes', message: payload.message };
  throw usageError(`--kind ${kind} does not fit what is given, which is ${payload.kind}: leave --kind out`);
}

function contentOf(options: PayloadOptions): Payload {
  const { message, messageHex, typedData, unsigned, digest } = options;
  const given: Payload[] = [];
  if (message !== undefined)
    given.push({ kind: 'eip191', message: `0x${Buffer.from(message).toString('hex')}` });
  if (messageHex !== undefined) given.push({ kind: 'eip191', message: messageHex });
  if (typedData !== undefined) given.push({ kind: 'eip712', typedData: readTypedData(typedData) });
  if (unsigned !== undefined) given.push({ kind: 'evm-transaction', unsigned });
  if (digest !== undefined) given.push({ kind: 'digest', digest });
  const [payload, more] = given;
  if (payload === undefined || more !== undefined) {
    throw usageError(
      'give exactly one of --message, --message-hex, --typed-data, --unsigned and --digest: what is to be signed',
    );
  }
  return payload;
}

function readTypedData(file: string) {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(`--typed-data ${file} cannot be read as JSON: ${reason}`);
  }
  const parsed = typedDataSchema.safeParse(json);
  if (!parsed.success) {
    throw usageError(
      `--typed-data ${file}: ${parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`,
    );
  }
  return parsed.data;
}
