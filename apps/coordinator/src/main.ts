import 'reflect-metadata';
import { loadConfig, runService } from '@quorate/platform';
import { coordinatorConfig } from './configuration';
import { CoordinatorModule } from './coordinator.module';

const config = loadConfig(coordinatorConfig);
void runService({ service: config.SERVICE_ID, config, module: CoordinatorModule.register(config) });
