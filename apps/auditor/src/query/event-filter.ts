import { type EventFilter } from '../ports/audit-log.port';
import { type ExportParameters, type ListParameters } from './query-parameters';

export function eventFilter(parameters: ListParameters | ExportParameters): EventFilter {
  const { requestId, intentId, type, actor, keyId, eventId, hash, from, to } = parameters;
  const at = (time: string | undefined): Date | undefined =>
    time === undefined ? undefined : new Date(time);
  return { requestId, intentId, type, actor, keyId, eventId, hash, from: at(from), to: at(to) };
}
