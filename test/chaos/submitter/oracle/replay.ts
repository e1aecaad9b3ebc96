/** The events of every intent, folded again, give its row; and none of them was decided in a state that it does not fit. */
import { type IntentEvent, intentEventSchema } from '../../../../apps/tx-submitter/src/intent/events';
import { evolve } from '../../../../apps/tx-submitter/src/intent/evolve';
import { type IntentState, statusOf, unknownIntent } from '../../../../apps/tx-submitter/src/intent/intent';
import { type Violation } from '../../oracle/violations';
import { byStream } from './by-stream';
import { type Evidence, type EventRow, type IntentRow } from './evidence';

/** Events that change nothing, wherever they come. */
const remarks = new Set(['quorate.tx.replaced.v1', 'quorate.tx.rejected.v1']);

export function replayFaults({ rows, events }: Evidence): Violation[] {
  const streams = byStream(events);
  return rows.flatMap((row) => streamFaults(row, streams.get(row.streamId) ?? []));
}

function streamFaults(row: IntentRow, events: readonly EventRow[]): Violation[] {
  const faults: Violation[] = [];
  let state: IntentState = unknownIntent;
  events.forEach((stored, i) => {
    if (stored.position !== i + 1) {
      const words = `${row.streamId} has ${stored.type} at ${stored.position}, not ${i + 1}`;
      faults.push({ check: 'events have no gaps', evidence: words });
    }
    const event = intentEventSchema.safeParse(stored);
    if (!event.success) {
      faults.push({
        check: 'events can be read',
        evidence: `${row.streamId}: ${stored.type} at ${stored.position}`,
      });
      return;
    }
    const next = evolve(state, event.data);
    if (next === state && !isRemark(event.data)) {
      const words = `${row.streamId}: ${stored.type} at ${stored.position} does not fit ${state.stage}`;
      faults.push({ check: 'events fit the state that they meet', evidence: words });
    }
    state = next;
  });
  const folded = shown(state);
  const kept = shownBy(row, state);
  if (JSON.stringify(folded) !== JSON.stringify(kept)) {
    const words = `${row.intentId}: events say ${JSON.stringify(folded)}, the row ${JSON.stringify(kept)}`;
    faults.push({ check: 'events replay to the row', evidence: words });
  }
  return faults;
}

function isRemark({ type }: IntentEvent): boolean {
  return remarks.has(type);
}

/** What a state says that its row must say as well. */
function shown(state: IntentState): Record<string, unknown> {
  switch (state.stage) {
    case 'unknown':
      return { status: 'none' };
    case 'received':
      return { status: 'queued' };
    case 'queued':
      return { status: state.parked === undefined ? 'queued' : 'parked', address: state.from };
    case 'active': {
      const { from: address, nonce, inclusion } = state;
      return { status: statusOf(state), address, nonce, blockHash: inclusion?.block.hash ?? null };
    }
    case 'ended':
      return { status: state.end, inFlight: false };
  }
}

function shownBy({ status, address, nonce, blockHash, inFlight }: IntentRow, { stage }: IntentState) {
  switch (stage) {
    case 'unknown':
    case 'received':
      return { status };
    case 'queued':
      return { status, address };
    case 'active':
      return { status, address, nonce, blockHash };
    case 'ended':
      return { status, inFlight };
  }
}
