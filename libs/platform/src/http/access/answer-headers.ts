import { Injectable, type NestMiddleware } from '@nestjs/common';
import { type HttpRequest, type HttpResponse } from './http-exchange';

/** Headers of all answers: browsers neither guess types nor show answers to pages of other origins; nobody stores them. */
@Injectable()
export class AnswerHeaders implements NestMiddleware {
  use(_request: HttpRequest, response: HttpResponse, next: () => void): void {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    response.setHeader('referrer-policy', 'no-referrer');
    // Answers with other rules say so themselves.
    response.setHeader('cache-control', 'no-store');
    next();
  }
}
