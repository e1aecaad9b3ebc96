import { type NodeReports } from '../node-session/node-reports';
import { type SignRequested } from '../sign-request/events';
import { subjectOf } from './halted-requests';

/**
 * Nodes that say of themselves that something is halted there, such as one that halted by itself: to be asked would only
 * cost a presignature. A node can say so of nobody but itself, in its signed heartbeat.
 */
export class HaltedNodes {
  constructor(private readonly reports: Pick<NodeReports, 'halted' | 'isAnyHalted'>) {}

  /** Those that would refuse the request. */
  refusing(requested: SignRequested): string[] {
    return this.reports.isAnyHalted() ? this.reports.halted(subjectOf(requested)) : [];
  }
}
