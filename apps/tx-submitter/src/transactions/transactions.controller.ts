import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Call, type CallRecord, Problem, problems } from '@quorate/platform';
import { isId } from '@quorate/protocol';

import { SubmitterParts } from '../pipeline/submitter-parts';
import { listParameters, namedParameters, readParameters } from './query-parameters';
import { TransactionCommands } from './transaction-commands';
import { TransactionQueries } from './transaction-queries';
import { type TransactionRow, type TransactionView, transactionView } from './transaction-view';

@Controller('v1/transactions')
export class TransactionsController {
  constructor(
    private readonly queries: TransactionQueries,
    private readonly commands: TransactionCommands,
    private readonly parts: SubmitterParts,
  ) {}

  /** A page of transactions, filtered, newest first. */
  @Get()
  async list(
    @Query() query: unknown,
    @Call() call: CallRecord,
  ): Promise<{ transactions: TransactionView[]; nextCursor: string | null }> {
    const { cursor, limit, ...filter } = readParameters(listParameters, query);
    const rows = await this.queries.page({ ...filter, before: cursor }, limit + 1);
    const page = rows.slice(0, limit);
    call.entries = page.length;
    return {
      transactions: page.map((row) => this.view(row)),
      nextCursor: rows.length > limit ? (page.at(-1)?.arrival ?? null) : null,
    };
  }

  /** One intent with its transaction. */
  @Get(':intentId')
  async one(@Param('intentId') intentId: string, @Query() query: unknown): Promise<TransactionView> {
    return this.view(await this.named(intentId, query));
  }

  /** Everything that was decided about an intent, in order: the events as they were signed. */
  @Get(':intentId/history')
  async history(
    @Param('intentId') intentId: string,
    @Query() query: unknown,
    @Call() call: CallRecord,
  ): Promise<{ intentId: string; requester: string; events: { data: object; jws: string }[] }> {
    const { requester } = await this.named(intentId, query);
    const events = await this.queries.history({ requester, intentId });
    call.entries = events.length;
    return { intentId, requester, events: events.map(({ data, jws }) => ({ data, jws })) };
  }

  /** Asks to cancel: 202 with where it stands then. */
  @Post(':intentId/cancel')
  @HttpCode(202)
  async cancel(@Param('intentId') intentId: string, @Query() query: unknown): Promise<TransactionView> {
    const { requester } = await this.named(intentId, query);
    await this.commands.cancel({ requester, intentId });
    return this.view(await this.named(intentId, query));
  }

  /** Asks for a transaction with higher fees: 202 with where it stands then. */
  @Post(':intentId/speed-up')
  @HttpCode(202)
  async speedUp(@Param('intentId') intentId: string, @Query() query: unknown): Promise<TransactionView> {
    const { requester } = await this.named(intentId, query);
    await this.commands.speedUp({ requester, intentId });
    return this.view(await this.named(intentId, query));
  }

  private async named(intentId: string, query: unknown): Promise<TransactionRow> {
    const { requester } = readParameters(namedParameters, query);
    const rows = isId(intentId) ? await this.queries.named(intentId, requester) : [];
    const [row] = rows;
    if (row === undefined) {
      throw problems.notFound(
        'No intent has this id: check it; one that was sent just now may take a moment to arrive',
      );
    }
    if (rows.length > 1) throw ambiguous(rows);
    return row;
  }

  private view(row: TransactionRow): TransactionView {
    return transactionView(row, this.parts.watcher.head?.number);
  }
}

function ambiguous(rows: TransactionRow[]): Problem {
  return new Problem({
    type: 'urn:quorate:problem:ambiguous',
    title: 'Several requesters have an intent with this id',
    status: 300,
    detail: 'Add ?requester= with one of the requesters in choices.',
    choices: rows.map(({ requester, intentId }) => ({
      requester,
      href: `/v1/transactions/${encodeURIComponent(intentId)}?requester=${encodeURIComponent(requester)}`,
    })),
  });
}
