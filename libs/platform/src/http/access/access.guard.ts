import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ApiIndex } from '../api-reference/api-index';
import { problems } from '../problem';
import { Callers } from './callers';
import { addressOf, type HttpRequest, type HttpResponse } from './http-exchange';
import { ReadLog } from './read-log';

/** What a token is needed for; health, metrics, the description and the files of a page are for everybody. */
const API = /^\/(?:v1|log)\//;

/**
 * Lets through what the caller's token allows. It judges the route that a request has matched, not the URL, so that no
 * other spelling of a URL gets past it; an operation that the API's description lacks is open to nobody.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly api: ApiIndex,
    private readonly callers: Callers,
    private readonly log: ReadLog,
  ) {}

  /** @throws Problem that says what the caller lacks. */
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const route = request.route?.path ?? '';
    if (!API.test(route)) return true;
    const record = this.log.begin(request, context.switchToHttp().getResponse<HttpResponse>(), route);
    const address = addressOf(request);
    const holder = this.callers.identify(request.headers.authorization, address);
    record.who = holder.name;
    const operation = this.api.operation(request.method ?? '', route);
    if (operation === undefined) throw problems.refused('This operation is not part of the API: see /docs');
    this.callers.authorize(holder, operation.roles);
    this.callers.count(holder, address);
    if ('application/json' in operation.answer && request.accepts(['json']) === false)
      throw problems.notAcceptable('The answer is JSON: send Accept: application/json, or none');
    return true;
  }
}
