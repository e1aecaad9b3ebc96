import { type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import { Call, type CallRecord, LOGGER, type Logger } from '@quorate/platform';
import { AUDIT_LOG, type AuditLog } from '../ports/audit-log.port';
import { eventFilter } from '../query/event-filter';
import { type ExportParameters, exportParameters, readParameters } from '../query/query-parameters';
import { exportLines } from './export-lines';
import { ExportStreams } from './export-streams';

const CONTENT_TYPES = {
  jsonl: 'application/jsonl; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
} as const;

/** A receiver that takes nothing for so long has gone, or keeps others from their exports. */
const IDLE_MS = 60_000;

@Controller('v1')
export class ExportController {
  constructor(
    @Inject(AUDIT_LOG) private readonly log: AuditLog,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly streams: ExportStreams,
  ) {}

  /** Everything that matches, as a stream; a connection that is cut before its end means an incomplete export. */
  @Get('export')
  export(@Query() query: unknown, @Res() response: ServerResponse, @Call() call: CallRecord): Promise<void> {
    const parameters = readParameters(exportParameters, query);
    return this.streams.run(() => this.stream(parameters, response, call));
  }

  private async stream(
    parameters: ExportParameters,
    response: ServerResponse,
    call: CallRecord,
  ): Promise<void> {
    const { format, order } = parameters;
    const lines = exportLines(this.log, { filter: eventFilter(parameters), order, format }, (entries) => {
      call.entries = (call.entries ?? 0) + entries;
    });
    // The first lines are read before the status goes out, so that a database that is away is still a 503.
    const first = await lines.next();
    response.setHeader('content-type', CONTENT_TYPES[format]);
    response.setHeader('content-disposition', `attachment; filename="quorate-audit.${format}"`);
    response.setTimeout(IDLE_MS, () => response.destroy());
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
