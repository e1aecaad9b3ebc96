import { constants } from 'node:os';
import { QuorateError } from '@quorate/platform';
import { demoTransfer } from './demo/demo-transfer';
import { stackFolders } from './files/stack-folders';
import { watchNpm } from './processes/npm-parent';
import { EmbeddedStack } from './stack/embedded-stack';
import { asStep, terminalProgress } from './terminal/progress';
import { parseStartArguments, type StartRequest, USAGE } from './terminal/stack-options';
import { messageOf, StartFailure } from './terminal/start-failure';
import { nextStepsText, transferText } from './terminal/welcome';

const progress = terminalProgress();

/** `npm start`. */
async function main(): Promise<void> {
  const request = parseStartArguments(process.argv.slice(2));
  if (request.help) {
    console.log(USAGE);
    return;
  }
  const stack = new EmbeddedStack({
    shape: request.shape,
    folders: stackFolders(),
    progress,
    onStopped: () => process.exit(),
  });
  stopOnSignals(stack);
  try {
    await run(stack, request);
  } catch (error) {
    if (stack.isStopping) return;
    await stack.stop();
    throw error;
  }
}

async function run(stack: EmbeddedStack, request: StartRequest): Promise<void> {
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
  if (request.once) {
    await stack.stop();
    process.exit();
  }
  console.log(nextStepsText(description, stack.descriptionFile, transfer.intentId));
}

/** A signal, or the end of npm, stops the stack and ends this process; a second signal ends everything at once. */
function stopOnSignals(stack: EmbeddedStack): void {
  let asked = false;
  const stop = (signal: NodeJS.Signals) => {
    const code = 128 + constants.signals[signal];
    if (asked) {
      stack.kill();
      process.exit(code);
    }
    asked = true;
    // Ctrl-C is how a stack that stays up ends; it breaks off one that is starting.
    const exitCode = stack.isReady ? 0 : code;
    console.log('\nStopping ...');
    void stack.stop().finally(() => process.exit(exitCode));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  watchNpm(() => stop('SIGHUP'));
}

function describe({ shape: { nodes, coordinators, threshold } }: StartRequest): string {
  const replicas = coordinators.length === 1 ? 'a coordinator' : `${coordinators.length} coordinators`;
  const all = `${nodes.length} signer nodes (${threshold} sign together), ${replicas}, a submitter and an auditor`;
  return `${all} on this machine`;
}

main().catch((error: unknown) => {
  const known = error instanceof StartFailure || error instanceof QuorateError;
  console.error(`\n${!known && error instanceof Error ? error.stack : messageOf(error)}`);
  if (error instanceof StartFailure && error.remedy) console.error(`\n  -> ${error.remedy}`);
  process.exit(1);
});
