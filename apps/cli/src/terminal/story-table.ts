import { type AuditEvent } from '@quorate/client';
import { columns, shortType } from './layout';
import { type Output } from './output';

/** Events of the audit log, one a line. */
export function storyTable(events: readonly AuditEvent[], output: Output): string {
  return columns(
    events.map((event) => [
      output.paint('dim', String(event.index)),
      output.paint('dim', event.time ?? 'no time'),
      shortType(event.type),
      event.source ?? '',
      remark(event, output),
    ]),
  );
}

function remark({ verified, reason, duplicateOf }: AuditEvent, output: Output): string {
  if (!verified) return output.paint('red', `NOT VERIFIED${reason === undefined ? '' : `: ${reason}`}`);
  return typeof duplicateOf === 'number' ? output.paint('yellow', `duplicate of ${duplicateOf}`) : '';
}
