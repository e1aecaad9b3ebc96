import { constants } from 'node:os';
import { QuorateError } from '@quorate/platform';
import { demoTransfer } from './demo/demo-transfer';
import { EmbeddedStack } from './stack/embedded-stack';
import { watchNpm } from './processes/npm-parent';
import { asStep, terminalProgress } from './terminal/progress';
import { stackFolders } from './files/stack-folders';
import { parseStartArguments, type StartRequest, USAGE } from './terminal/stack-options';
import { messageOf, StartFailure } from './terminal/start-failure';
import { nextStepsText, transferText } from './terminal/welcome';

/** `npm start`. */
async function main(): Promise<void> {
  const request = parseStartArguments(process.argv.slice(2));
  if (request.help) {
    console.log(USAGE);
    return;
  }
  const { shape, once } = request;
  const progress = terminalProgress();
  const stack = new EmbeddedStack({ shape, folders: stackFolders(), progress });
  const stopped = stopOnSignals(stack);
  console.log(`\nQuorate: ${describe(request)}\n`);
  const began = performance.now();
  await stack.start();
  const description = stack.description();
  const transfer = await asStep(
    progress,
    'a transaction',
    () => demoTransfer(description),
    ({ block }) => `confirmed in block ${block}`,
  );
  console.log(transferText(transfer));
  stack.publish();
  console.log(`\nEverything was ready after ${((performance.now() - began) / 1000).toFixed(1)} s.`);
  if (once) {
    await stack.stop();
    return;
  }
  console.log(nextStepsText(description, stack.descriptionFile, transfer.intentId));
  await stopped;
}

/** Resolves when a signal, or the end of npm, has stopped the stack. A second signal ends everything at once. */
function stopOnSignals(stack: EmbeddedStack): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (signal: NodeJS.Signals) => {
      if (asked) {
        stack.kill();
        process.exit(128 + constants.signals[signal]);
      }
      asked = true;
      console.log('\nStopping ...');
      process.exitCode = stack.isReady ? 0 : 128 + constants.signals[signal];
      void stack.stop().then(resolve);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
    watchNpm(() => stop('SIGHUP'));
  });
}

function describe({ shape: { nodes, coordinators, threshold } }: StartRequest): string {
  const replicas = coordinators.length === 1 ? 'a coordinator' : `${coordinators.length} coordinators`;
  const all = `${nodes.length} signer nodes (${threshold} sign together), ${replicas}, a submitter and an auditor`;
  return `${all} on this machine`;
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    // Stopped by a signal while it was starting: what broke off is no news.
    if (process.exitCode) process.exit();
    const known = error instanceof StartFailure || error instanceof QuorateError;
    console.error(`\n${!known && error instanceof Error ? error.stack : messageOf(error)}`);
    if (error instanceof StartFailure && error.remedy) console.error(`\n  -> ${error.remedy}`);
    process.exit(1);
  },
);
