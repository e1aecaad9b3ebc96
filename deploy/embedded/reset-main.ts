import { stackFolders } from './files/stack-folders';
import { resetStack } from './stack/reset';
import { messageOf, StartFailure } from './terminal/start-failure';

/** `npm run reset`. */
try {
  const folders = stackFolders();
  resetStack(folders);
  console.log(`Forgotten: ${folders.data}`);
} catch (error) {
  console.error(messageOf(error));
  if (error instanceof StartFailure && error.remedy) console.error(`  -> ${error.remedy}`);
  process.exitCode = 1;
}
