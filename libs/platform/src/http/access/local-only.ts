/**
 * A service without tokens believes whoever reaches it on loopback. That includes the browsers of this machine, and so any
 * web page that they show: a page whose own name it lets point to 127.0.0.1 (DNS rebinding) could read, and one that sends
 * forms across origins (CSRF) could command. Neither gets past its Host and Origin headers, which pages cannot choose.
 * With tokens there is nothing to check: pages of other origins have none.
 */
import { Injectable, type NestMiddleware } from '@nestjs/common';
import { isLoopback } from '../../config/loopback';
import { problems } from '../problem';
import { type HttpRequest, type HttpResponse } from './http-exchange';

@Injectable()
export class LocalOnly implements NestMiddleware {
  /** @throws Problem `refused` when a web page of another origin asks, or makes a browser ask. */
  use({ headers }: HttpRequest, _response: HttpResponse, next: () => void): void {
    const { host = '', origin } = headers;
    if (!isLoopback(host.replace(/:\d{1,5}$/, ''))) {
      throw problems.refused(
        'Without HTTP_TOKENS_FILE this service answers under the names 127.0.0.1, localhost and [::1] only: ' +
          'use one of them, or give the service tokens',
      );
    }
    if (origin !== undefined && origin !== `http://${host}`) {
      throw problems.refused(
        'Without HTTP_TOKENS_FILE this service takes nothing from web pages of other origins: give it tokens, and send one',
      );
    }
    next();
  }
}
