import { loadConfig, QuorateError } from '@quorate/platform';
import { prepareConfig } from './config';
import { prepareDeployment } from './prepare-deployment';

/** Runs once: a container before the services start, or by hand. What it says has no secrets. */
async function main(): Promise<void> {
  await prepareDeployment(loadConfig(prepareConfig), console.log);
  console.log('everything is prepared');
}

main().catch((error: unknown) => {
  const isExpected = error instanceof QuorateError || error instanceof RangeError;
  console.error(isExpected ? error.message : error);
  process.exitCode = 1;
});
