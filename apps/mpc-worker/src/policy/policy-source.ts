import { type Logger, WatchedFile } from '@quorate/platform';
import { type Policy, readPolicy } from '@quorate/policy';

/**
 * The policy in force: read at start, and again on SIGHUP and when POLICY_FILE changes. A new content that is not valid
 * changes nothing: the log says file, line and reason.
 */
export class PolicySource {
  private readonly file: WatchedFile<Policy>;

  /** @throws Fatal naming what is wrong in the file, and where */
  constructor(file: string, logger: Logger) {
    this.file = new WatchedFile(file, readPolicy, logger, true);
    this.file.onChange(({ hash, policyVersion }) => {
      logger.info({ hash, policyVersion }, 'another policy is in force');
    });
  }

  current(): Policy {
    return this.file.current();
  }

  close(): void {
    this.file.close();
  }
}
