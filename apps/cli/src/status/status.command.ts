import { type AuditEvent, type RequestFacts } from '@quorate/client';
import { QuorateError } from '@quorate/platform';
import { type JsonObject, readStrictJson } from '@quorate/protocol';
import { Command } from 'commander';
import { contextOf } from '../context';
import { CommandFailure, EXIT } from '../exit-code';
import { auditOf, withControl } from '../stack/connections';
import { type Stack } from '../stack/stack-file';
import { facts, shortType } from '../terminal/layout';
import { type Output } from '../terminal/output';
import { storyTable } from '../terminal/story-table';

const EXAMPLES = `
Exit status 3 when nobody knows the id.

Examples:
  $ quorate status order-1042
  $ quorate status payout-77 --json`;

export function statusCommand(): Command {
  return new Command('status')
    .description('where a sign request or transaction intent stands')
    .argument('<id>', 'a requestId or intentId')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, _options: object, command: Command) => {
      const { stack, output } = contextOf(command);
      const [request, story] = await Promise.all([findRequest(stack, id), auditOf(stack).story(id)]);
      const events = story?.events ?? [];
      if (request === undefined && events.length === 0) {
        throw new CommandFailure(
          EXIT.notFound,
          'not-found',
          `neither coordinator nor audit log know ${id}: check the id; what was sent just now may take a moment`,
        );
      }
      const status = request?.status ?? transactionStatus(events);
      output.result({ id, status, request: request ?? null, events }, () =>
        [headline(id, status, request, events, output), '', storyTable(events, output)].join('\n').trimEnd(),
      );
    });
}

/** A sign request as the coordinator knows it, with the final record's content once there is one. */
type RequestView = Omit<RequestFacts, 'outcome'> & { readonly outcome: JsonObject | null };

/** Undefined when `id` is none of a sign request. */
async function findRequest(stack: Stack, id: string): Promise<RequestView | undefined> {
  try {
    const request = await withControl(stack, (control) => control.getRequest(id));
    const final = readStrictJson(request.outcome);
    return { ...request, outcome: final.ok ? final.data : null };
  } catch (error) {
    // The audit log knows requests that are no sign requests, and those of several requesters with one id.
    if (error instanceof QuorateError && ['not-found', 'failed-precondition'].includes(error.code)) {
      return undefined;
    }
    throw error;
  }
}

/** The last thing that happened to an intent. */
function transactionStatus(events: readonly AuditEvent[]): string {
  const last = events.findLast(({ type, verified }) => verified && shortType(type).startsWith('tx.'));
  return last === undefined ? 'open' : shortType(last.type).slice('tx.'.length);
}

function headline(
  id: string,
  status: string,
  request: RequestView | undefined,
  events: readonly AuditEvent[],
  output: Output,
): string {
  const known = (name: string): string | undefined => {
    const value = events.findLast(({ data }) => typeof data?.[name] === 'string')?.data?.[name];
    return typeof value === 'string' ? value : undefined;
  };
  return facts([
    ['id', id],
    ['status', output.paint('bold', status)],
    ['requester', request?.requester ?? known('requester')],
    ['key', request?.keyId ?? known('keyId')],
    ['committee', request?.committee.join(', ')],
    ['transaction', known('hash')],
    ['accepted', request?.acceptedAt],
    ['ended', request?.endedAt],
  ]);
}
