import { type LogEntry, logLevel, type logCreator } from 'kafkajs';
import { type StructuredLogger } from '../structured-logger';

/**
 * kafkajs logs every refused response as an error, also those of the first group calls on a new broker and of
 * ordinary rebalances, and retries them. What really ends a client reaches `onFatal`, so here errors are
 * warnings, and refused responses are details.
 */
export function kafkaLogCreator(logger: StructuredLogger): logCreator {
  return () => (entry: LogEntry) => {
    const { message, timestamp, ...fields } = entry.log;
    const details = { ...fields, logger: undefined, stack: undefined, at: timestamp, part: entry.namespace };
    if (entry.level === logLevel.WARN || entry.level === logLevel.ERROR) {
      if (/^Response |rebalancing|not aware of this member/.test(message)) logger.debug(details, message);
      else logger.warn(details, message);
    } else {
      logger.debug(details, message);
    }
  };
}
