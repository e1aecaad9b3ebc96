import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Inject,
  Optional,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { asQuorateError, type ErrorKind } from '../errors/errors';
import { LOGGER, type Logger } from '../logging/logger';
import { ApiIndex } from './api-reference/api-index';
import { Problem, problems } from './problem';

interface HttpRequest {
  readonly method: string;
  readonly url: string;
}

/**
 * Every error of an HTTP API as an RFC 9457 problem document. Register it with `APP_FILTER`. The plain
 * answers of /readyz keep their own body.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
    @Inject(LOGGER) private readonly logger: Logger,
    @Optional() private readonly api?: ApiIndex,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const { httpAdapter } = this.adapterHost;
    const response: unknown = host.switchToHttp().getResponse();
    const request = host.switchToHttp().getRequest<HttpRequest>();
    if (httpAdapter.isHeadersSent(response)) {
      // The status has gone out: a cut connection is the only way left to say that the body is incomplete.
      this.logger.error({ err: thrown, url: request.url }, 'request failed while its answer was being sent');
      httpAdapter.end(response);
      return;
    }
    if (thrown instanceof HttpException && !(thrown instanceof Problem) && request.url === '/readyz') {
      httpAdapter.reply(response, thrown.getResponse(), thrown.getStatus());
      return;
    }
    const { document, headers } = this.problemOf(thrown, request);
    for (const [name, value] of Object.entries(headers)) httpAdapter.setHeader(response, name, value);
    httpAdapter.setHeader(response, 'content-type', 'application/problem+json');
    httpAdapter.reply(response, JSON.stringify(document), document.status);
  }

  private problemOf(thrown: unknown, request: HttpRequest): Problem {
    if (thrown instanceof Problem) return thrown;
    if (thrown instanceof HttpException) return this.fromHttpException(thrown, request);
    if (isClientError(thrown))
      return problems.invalidParameter(`The request cannot be read: ${thrown.message}`);
    const error = asQuorateError(thrown);
    if (error.kind === 'fatal') this.logger.error({ err: error, url: request.url }, 'request failed');
    return BY_KIND[error.kind](error.kind === 'fatal' ? 'See the log of the service.' : error.message);
  }

  private fromHttpException(exception: HttpException, { method, url }: HttpRequest): Problem {
    const status = exception.getStatus();
    const path = url.split('?')[0] ?? url;
    if (status === 404) {
      const allowed = this.api?.methods(path) ?? [];
      return allowed.length === 0
        ? problems.notFound(`There is nothing at ${method} ${path}; see /docs.`)
        : problems.methodNotAllowed(`${path} does not take ${method}: use ${allowed.join(' or ')}`, allowed);
    }
    if (status >= 400 && status < 500) {
      return problems.invalidParameter(`The request cannot be read: ${exception.message}`);
    }
    return status === 503 ? problems.unavailable(exception.message) : problems.unexpected(exception.message);
  }
}

const BY_KIND: Record<ErrorKind, (detail: string) => Problem> = {
  invalid: problems.invalidParameter,
  refused: problems.refused,
  conflict: problems.conflict,
  unavailable: problems.unavailable,
  fatal: problems.unexpected,
};

/** Errors of express itself (a path that is not valid percent-encoding, a body that is not JSON). */
function isClientError(thrown: unknown): thrown is Error {
  return (
    thrown instanceof Error &&
    'status' in thrown &&
    typeof thrown.status === 'number' &&
    thrown.status >= 400 &&
    thrown.status < 500
  );
}
