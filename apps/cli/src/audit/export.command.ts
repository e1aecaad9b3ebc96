import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { QuorateError, Unavailable } from '@quorate/platform';
import { contextOf } from '../context';
import { type Output } from '../terminal/output';
import { eventFilter, type FilterOptions, withEventFilter } from './event-filter';
import { refusalOf } from './refusal';

interface ExportOptions extends FilterOptions {
  format: string;
  order: string;
  out?: string;
}

export function exportCommand(): Command {
  const command = new Command('export').description(
    'write events to a file or to standard output, however many',
  );
  return withEventFilter(command)
    .addOption(new Option('--format <format>', 'format').choices(['jsonl', 'csv']).default('jsonl'))
    .option('-o, --out <file>', 'write here (default: standard output)')
    .addOption(new Option('--order <order>', 'order').choices(['asc', 'desc']).default('asc'))
    .addHelpText(
      'after',
      `
An export of everything (no filter, jsonl, asc) can be verified: quorate audit verify --export FILE.

Examples:
  $ quorate audit export --out audit.jsonl
  $ quorate audit export --format csv --from 2026-12-01T00:00:00Z --to 2027-01-01T00:00:00Z > december.csv`,
    )
    .action(async (options: ExportOptions, command: Command) => {
      const { stack, output } = contextOf(command);
      const { format, order, out } = options;
      const filter = { format, order, ...eventFilter(options) };
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(filter))
        if (value !== undefined) query.set(name, String(value));
      const bytes = await download(stack.audit, query, out, output);
      if (out !== undefined) output.result({ file: out, bytes }, () => `${out}: ${bytes} bytes`);
    });
}

/** Bytes between two words on the progress. */
const TELL_EVERY = 50_000_000;

async function download(
  { url, token }: { url: string; token: string | null },
  query: URLSearchParams,
  out: string | undefined,
  output: Output,
): Promise<number> {
  let bytes = 0;
  const count = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      const told = Math.floor(bytes / TELL_EVERY);
      bytes += chunk.length;
      if (Math.floor(bytes / TELL_EVERY) > told) output.note(`${Math.round(bytes / 1_000_000)} MB`);
      yield chunk;
    }
  };
  try {
    const headers = token ? { authorization: `Bearer ${token}` } : undefined;
    const response = await fetch(new URL(`/v1/export?${query.toString()}`, url), headers && { headers });
    if (!response.ok || response.body === null) throw await refusalOf(response);
    const target = out === undefined ? process.stdout : createWriteStream(out);
    await pipeline(Readable.fromWeb(response.body), count, target, { end: out !== undefined });
  } catch (cause) {
    if (cause instanceof QuorateError) throw cause;
    throw new Unavailable('audit', `the export was cut short after ${bytes} bytes: run it again`, { cause });
  }
  return bytes;
}
