import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { HealthRegistry, LOGGER, Metrics, ProcessShutdown } from '@quorate/platform';
import { type CoordinatorConfig } from './configuration';
import { CoordinatorProcess } from './coordinator-process';

/** The coordinator as a Nest module: its process starts and stops with the application. */
@Module({})
export class CoordinatorModule {
  static register(config: CoordinatorConfig): DynamicModule {
    const process: Provider = {
      provide: CoordinatorProcess,
      useFactory: (...parts: ConstructorParameters<typeof CoordinatorProcess>) =>
        new CoordinatorProcess(...parts),
      inject: [{ token: CONFIG, optional: false }, HealthRegistry, Metrics, ProcessShutdown, LOGGER],
    };
    return { module: CoordinatorModule, providers: [{ provide: CONFIG, useValue: config }, process] };
  }
}

const CONFIG = Symbol('coordinator configuration');
