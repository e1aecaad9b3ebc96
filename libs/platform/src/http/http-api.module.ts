import { type Server } from 'node:http';
import {
  type DynamicModule,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import { type HttpApiConfig } from '../config/fragments';
import { LOGGER, type Logger } from '../logging/logger';
import { AccessGuard } from './access/access.guard';
import { AnswerHeaders } from './access/answer-headers';
import { Callers } from './access/callers';
import { HttpTokens } from './access/http-tokens';
import { LocalOnly } from './access/local-only';
import { ReadLog } from './access/read-log';
import { answerUnreadable } from './access/unreadable-request';
import { type ApiDescription } from './api-reference/api-description';
import { ApiIndex } from './api-reference/api-index';
import { ApiReferenceModule } from './api-reference/api-reference.module';
import { ProblemFilter } from './problem.filter';

/** Seconds of the allowed rate that may come at once. */
const BURST_SECONDS = 10;

/**
 * What every HTTP API of the project has: its description at /openapi.json and /docs, tokens with roles, rate limits, a
 * log line for each call, and problem documents for all that goes wrong.
 */
@Module({})
export class HttpApiModule implements NestModule, OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly callers: Callers,
  ) {}

  static register(description: ApiDescription, config: HttpApiConfig): DynamicModule {
    const { HTTP_TOKENS_FILE: file, HTTP_CALLS_PER_SECOND: perSecond } = config;
    const rate = { perSecond, burst: perSecond * BURST_SECONDS };
    return {
      module: HttpApiModule,
      imports: [ApiReferenceModule.register(description)],
      providers: [
        { provide: ApiIndex, useValue: new ApiIndex(description) },
        {
          provide: Callers,
          inject: [LOGGER],
          useFactory: (logger: Logger) =>
            new Callers(file === undefined ? undefined : HttpTokens.load(file, logger), rate, () =>
              performance.now(),
            ),
        },
        ReadLog,
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    const always = [AnswerHeaders];
    consumer.apply(...(this.callers.needTokens ? always : [...always, LocalOnly])).forRoutes('{*path}');
  }

  onModuleInit(): void {
    answerUnreadable(this.adapterHost.httpAdapter.getHttpServer() as Server);
  }

  onApplicationShutdown(): void {
    this.callers.close();
  }
}
