import { auditOf } from '../../stack/connections';
import { logOf } from '../../stack/stack-facts';
import { type Stack } from '../../stack/stack-file';
import { type Finding, finding, ok, warning } from '../finding';

/** The audit log answers, and its newest entries are verified. */
export function checkAudit(stack: Stack): Promise<Finding[]> {
  return finding('audit log', logOf(stack, 'auditor'), async () => {
    const { events } = await auditOf(stack).events({ limit: 100, order: 'desc' });
    const unverified = events.filter(({ verified }) => !verified).map(({ index }) => index);
    const [newest] = events;
    const detail = newest === undefined ? 'empty' : `${newest.index + 1} entries`;
    return unverified.length === 0
      ? ok('audit log', detail)
      : warning(
          'audit log',
          `${detail}; not verified: ${unverified.slice(0, 5).join(', ')}`,
          'quorate audit list shows why; somebody wrote to mpc.events who is not in PEERS_FILE',
        );
  });
}
