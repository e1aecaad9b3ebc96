import { createParamDecorator, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { type Histogram } from 'prom-client';
import { LOGGER, type Logger } from '../../logging/logger';
import { Metrics } from '../../metrics/metrics';
import { addressOf, type HttpRequest, type HttpResponse } from './http-exchange';

const LONGEST_LOGGED = 1_000;

/** What a call turned out to be, for the line that the service logs of it. */
export interface CallRecord {
  /** The name of its token; `local` where none is needed; null when it showed no valid one. */
  who: string | null;
  /** How many entries its answer has, where it is a list. */
  entries?: number;
}

const records = new WeakMap<HttpRequest, CallRecord>();

/** The record of the call that a controller answers, for what only the controller knows. */
export const Call = createParamDecorator((_: unknown, context: ExecutionContext): CallRecord => {
  const request = context.switchToHttp().getRequest<HttpRequest>();
  return records.get(request) ?? { who: null };
});

/** Logs and measures every call of an API when its answer has ended: who asked, what, how much they got. */
@Injectable()
export class ReadLog {
  private readonly seconds: Histogram<'route' | 'method' | 'status'>;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.seconds = metrics.histogram({
      name: 'http_request_seconds',
      help: 'Calls of the API, from their arrival to the end of the answer.',
      labelNames: ['route', 'method', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    });
  }

  /** @param route with the names of parameters instead of their values */
  begin(request: HttpRequest, response: HttpResponse, route: string): CallRecord {
    const record: CallRecord = { who: null };
    records.set(request, record);
    const began = performance.now();
    response.once('close', () => {
      const ms = performance.now() - began;
      const { method = '', originalUrl } = request;
      const { statusCode: status, writableFinished } = response;
      this.seconds.observe({ route, method, status: String(status) }, ms / 1_000);
      const [path = '', query] = logged(originalUrl, request.headers.authorization).split('?', 2);
      const what = { method, path, ...(query === undefined ? {} : { query }) };
      const outcome = { status, ms: Math.round(ms), ...(writableFinished ? {} : { cutShort: true }) };
      this.logger.info({ call: { ...record, address: addressOf(request), ...what, ...outcome } }, 'api call');
    });
    return record;
  }
}

/** The URL without what may be a token in the wrong place. */
function logged(url: string, authorization: string | undefined): string {
  const token = authorization?.split(' ').at(-1) ?? '';
  return (token.length < 8 ? url : url.replaceAll(token, '[secret]'))
    .replace(/([?&](?:access_token|token|authorization)=)[^&]*/gi, '$1[secret]')
    .slice(0, LONGEST_LOGGED);
}
