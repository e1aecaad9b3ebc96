import { Command, Option } from 'commander';
import { contextOf } from '../context';
import { CommandFailure, EXIT } from '../exit-code';
import { auditOf } from '../stack/connections';
import { wholeNumber } from '../terminal/option-values';
import { storyTable } from '../terminal/story-table';
import { eventFilter, type FilterOptions, withEventFilter } from './event-filter';
import { exportCommand } from './export.command';
import { rebuildCommand } from './rebuild/rebuild.command';
import { verifyCommand } from './verify/verify.command';
import { witnessCommand } from './witness/witness.command';

interface ListOptions extends FilterOptions {
  limit: number;
  order: 'asc' | 'desc';
  cursor?: string;
}

export function auditCommand(): Command {
  return new Command('audit')
    .description('the audit log: list, show, export, verify, rebuild, witness')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(exportCommand())
    .addCommand(verifyCommand())
    .addCommand(rebuildCommand())
    .addCommand(witnessCommand());
}

function listCommand(): Command {
  return withEventFilter(new Command('list').description('events, newest first'))
    .option('-n, --limit <n>', 'at most so many, up to 1000', wholeNumber(1, 1000), 20)
    .addOption(new Option('--order <order>', 'order').choices(['asc', 'desc']).default('desc'))
    .option('--cursor <cursor>', 'nextCursor of the page before')
    .addHelpText(
      'after',
      `
Examples:
  $ quorate audit list
  $ quorate audit list --type quorate.sign.rejected.v1 --limit 5
  $ quorate audit list --from 2026-12-01T00:00:00Z --order asc --json`,
    )
    .action(async (options: ListOptions, command: Command) => {
      const { stack, output } = contextOf(command);
      const { limit, order, cursor } = options;
      const page = await auditOf(stack).events({ ...eventFilter(options), limit, order, cursor });
      output.result(page, () => {
        if (page.events.length === 0) return 'No event matches.';
        const more = page.nextCursor ? `\n${output.paint('dim', `more: --cursor ${page.nextCursor}`)}` : '';
        return storyTable(page.events, output) + more;
      });
    });
}

function showCommand(): Command {
  return new Command('show')
    .description('the whole story of a sign request or intent')
    .argument('<id>', 'a requestId or intentId')
    .addHelpText(
      'after',
      '\nExamples:\n  $ quorate audit show order-1042\n  $ quorate audit show payout-77 --json',
    )
    .action(async (id: string, _options: object, command: Command) => {
      const { stack, output } = contextOf(command);
      const story = await auditOf(stack).story(id);
      if (story === undefined) {
        throw new CommandFailure(
          EXIT.notFound,
          'not-found',
          `the audit log knows nothing of ${id}: check the id`,
        );
      }
      output.result(story, () => storyTable(story.events, output));
    });
}
