import 'reflect-metadata';
import { loadConfig, runService } from '@quorate/platform';
import { nodeConfig } from './config';
import { MpcWorkerModule } from './mpc-worker.module';

const config = loadConfig(nodeConfig);
void runService({ service: config.NODE_ID, config, module: MpcWorkerModule.register(config) });
