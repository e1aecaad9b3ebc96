import { type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { LOGGER, type Logger } from '@quorate/platform';
import { AUDIT_LOG, type AuditLog } from '../ports/audit-log.port';
import { eventFilter } from '../query/event-filter';
import { exportParameters, readParameters } from '../query/query-parameters';
import { exportLines } from './export-lines';

const CONTENT_TYPES = {
  jsonl: 'application/jsonl; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
} as const;

@Controller('v1')
export class ExportController {
  constructor(
    @Inject(AUDIT_LOG) private readonly log: AuditLog,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Everything that matches, as a stream; a connection that is cut before its end means an incomplete export. */
  @Get('export')
  async export(@Query() query: unknown, @Res() response: ServerResponse): Promise<void> {
    const parameters = readParameters(exportParameters, query);
    const { format, order } = parameters;
    const lines = exportLines(this.log, { filter: eventFilter(parameters), order, format });
    // The first lines are read before the status goes out, so that a database that is away is still a 503.
    const first = await lines.next();
    response.setHeader('content-type', CONTENT_TYPES[format]);
    response.setHeader('content-disposition', `attachment; filename="quorate-audit.${format}"`);
    try {
      await pipeline(Readable.from(prepend(first, lines)), response);
    } catch (error) {
      this.logger.warn({ err: error }, 'export ended early');
    }
  }
}

async function* prepend(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (first.done !== true) yield first.value;
  yield* rest;
}
