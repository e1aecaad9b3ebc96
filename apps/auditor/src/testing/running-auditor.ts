import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import {
  createLogger,
  HealthRegistry,
  Metrics,
  parseConfig,
  PlatformHttpModule,
  ProcessShutdown,
} from '@quorate/platform';
import { AuditorModule } from '../auditor.module';
import { auditorConfig } from '../config';
import { type EventView } from '../query/event-view';
import { auditorKey, peers } from './event-writer';

class Root {}

export interface AuditorSettings {
  brokers: string;
  databaseUrl: string;
  topicPrefix: string;
  /** More of its environment. */
  variables?: Record<string, string>;
}

export interface Answer {
  status: number;
  type: string;
  body: {
    events: EventView[];
    nextCursor: string | null;
    id?: string;
    detail?: string;
    [name: string]: unknown;
  };
}

/** An auditor in this process, on a free port. */
export class RunningAuditor {
  private constructor(
    private readonly app: NestExpressApplication,
    readonly url: string,
    readonly health: HealthRegistry,
    private readonly folder: string,
  ) {}

  static async start(settings: AuditorSettings): Promise<RunningAuditor> {
    const folder = mkdtempSync(join(tmpdir(), 'quorate-auditor-'));
    const config = parseConfig(auditorConfig, auditorEnvironment(settings, folder));
    const logger = createLogger('auditor', process.env['LOG_LEVEL'] ?? 'silent');
    const health = new HealthRegistry();
    const shutdown = new ProcessShutdown(health, logger, () => undefined);
    const platform = { logger, health, metrics: new Metrics('auditor'), shutdown };
    const app = await NestFactory.create<NestExpressApplication>(
      { module: Root, imports: [PlatformHttpModule.register(platform), AuditorModule.register(config)] },
      { logger: false, abortOnError: false, forceCloseConnections: true },
    );
    await app.listen(0, '127.0.0.1');
    return new RunningAuditor(app, await app.getUrl(), health, folder);
  }

  async get(path: string): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`);
    const type = response.headers.get('content-type') ?? '';
    const text = await response.text();
    const body: unknown = type.includes('json') && !type.includes('jsonl') ? JSON.parse(text) : { text };
    return { status: response.status, type, body: body as Answer['body'] };
  }

  /** Waits until the log has `count` entries, and returns them. */
  async events(count: number): Promise<EventView[]> {
    for (;;) {
      const { body } = await this.get('/v1/events?limit=1000');
      if (body.events.length >= count) return body.events;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Waits for readiness to become `ready`; returns the reasons then. */
  async readiness(ready: boolean): Promise<string> {
    for (;;) {
      const { status, body } = await this.get('/readyz');
      if ((status === 200) === ready) return JSON.stringify(body);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    await this.app.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** The environment of an auditor whose peers are those of the event writer. */
export function auditorEnvironment(settings: AuditorSettings, folder: string): Record<string, string> {
  const peersFile = join(folder, 'peers.json');
  writeFileSync(peersFile, JSON.stringify(peers));
  const identityFile = join(folder, 'identity.pem');
  writeFileSync(identityFile, auditorKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return {
    KAFKA_BROKERS: settings.brokers,
    TOPIC_PREFIX: settings.topicPrefix,
    DATABASE_URL: settings.databaseUrl,
    PEERS_FILE: peersFile,
    IDENTITY_KEY_FILE: identityFile,
    HTTP_PORT: '0',
    ...settings.variables,
  };
}
