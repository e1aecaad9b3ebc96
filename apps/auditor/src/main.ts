import { loadConfig, runService } from '@quorate/platform';
import { AuditorModule } from './auditor.module';
import { auditorConfig } from './config';

const config = loadConfig(auditorConfig);
void runService({ service: config.SERVICE_ID, config, module: AuditorModule.register(config) });
