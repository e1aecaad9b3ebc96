import { loadConfig, runService } from '@quorate/platform';

import { submitterConfig } from './configuration';
import { TxSubmitterModule } from './tx-submitter.module';

const config = loadConfig(submitterConfig);
void runService({ service: config.SERVICE_ID, config, module: TxSubmitterModule.register(config) });
