import { type Logger, WatchedFile } from '@quorate/platform';
import { type Policy, policyFile } from '@quorate/policy';

/** The policy in force: read at start, and again on SIGHUP and when POLICY_FILE changes. */
export class PolicySource {
  private readonly file: WatchedFile<typeof policyFile>;

  /** @throws Fatal naming what is wrong in the file */
  constructor(file: string, logger: Logger) {
    this.file = new WatchedFile(file, policyFile, logger);
  }

  current(): Policy {
    return this.file.current();
  }

  close(): void {
    this.file.close();
  }
}
