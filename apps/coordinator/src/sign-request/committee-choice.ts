import { type HaltedNodes } from '../halt/halted-nodes';
import { committeeName } from '../ports/presign-batches.port';
import { type PresignatureStock } from '../presignature-stock/presignature-stock';
import { type Quarantine } from '../quarantine/quarantine';
import { type OpenedRequest } from './opened-request';
import { currentAttempt, MAX_ATTEMPTS, refusingNodes } from './sign-request';

/** A node that this very request waited for in vain is asked less gladly than one that others have doubts about. */
const MISSING = 4;
/** One that says that it is halted would only refuse. */
const HALTED = 8;

/** Gives a request its next committee, out of the stock of this coordinator. */
export class CommitteeChoice {
  constructor(
    private readonly stock: PresignatureStock,
    private readonly quarantine: Pick<Quarantine, 'given'>,
    private readonly haltedNodes: HaltedNodes,
  ) {}

  /** @returns false when the request is left waiting for a presignature */
  choose(request: OpenedRequest, causationId: string): boolean {
    const { state } = request;
    if (state.status !== 'open' || currentAttempt(state) !== undefined) return true;
    if (state.attempts.length >= MAX_ATTEMPTS) return true;
    const halted = this.haltedNodes.refusing(state.request);
    const tried = new Set(state.attempts.map((attempt) => committeeName(attempt.committee)));
    const reservation = this.stock.take(state.request.keyId, {
      excluded: refusingNodes(state),
      missing: state.missing,
      reluctance: (committee) =>
        (tried.has(committeeName(committee)) ? 1 : 0) +
        MISSING * countOf(committee, state.missing) +
        HALTED * countOf(committee, halted),
    });
    if (reservation === undefined) return false;
    this.quarantine.given(reservation.committee);
    request.execute({ kind: 'choose-committee', reservation }, causationId);
    return true;
  }
}

function countOf(committee: readonly string[], nodes: readonly string[]): number {
  return committee.filter((node) => nodes.includes(node)).length;
}
