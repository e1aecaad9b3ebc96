import { type Logger, WatchedFile } from '@quorate/platform';

import { type Endpoint, hearsOf } from './endpoint';
import { parseEndpoints } from './endpoint-file';

/** Where webhooks go (WEBHOOKS_FILE): read again on SIGHUP and when the file changes. Without a file: nowhere. */
export class Endpoints {
  private constructor(private readonly file: WatchedFile<Endpoint[]> | undefined) {}

  /** @throws Fatal `file` naming what is wrong in the file. */
  static load(file: string | undefined, logger: Logger): Endpoints {
    return new Endpoints(file === undefined ? undefined : new WatchedFile(file, parseEndpoints, logger));
  }

  all(): Endpoint[] {
    return this.file?.current() ?? [];
  }

  /** Those that hear of a requester's intents. */
  of(requester: string): Endpoint[] {
    return this.all().filter((endpoint) => hearsOf(endpoint, requester));
  }

  /** @param listener called after each reload */
  onReload(listener: () => void): void {
    this.file?.onChange(listener);
  }

  close(): void {
    this.file?.close();
  }
}
