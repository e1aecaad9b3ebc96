/** What was made and sent: committed first, one payload for a nonce, each attempt dearer than those sent before it. */
import { decodeUnsignedTransaction } from '@quorate/evm';
import { type Violation } from '../../oracle/violations';
import { byStream } from './by-stream';
import { type AttemptRow, type Evidence } from './evidence';

export function attemptFaults(evidence: Evidence): Violation[] {
  return [
    ...commitFaults(evidence),
    ...holdFaults(evidence),
    ...bindingFaults(evidence),
    ...feeFaults(evidence),
  ];
}

/** I3. */
function commitFaults({ sent, sentTooEarly, attempts }: Evidence): Violation[] {
  const committed = new Set(attempts.map(({ raw }) => raw));
  const early = sentTooEarly.map((raw) => `${raw.slice(0, 80)}... was sent before it was committed`);
  const unknown = sent
    .filter((raw) => !committed.has(raw))
    .map((raw) => `${raw.slice(0, 80)}... is no attempt`);
  return [...early, ...unknown].map((words) => ({ check: 'committed before it is sent', evidence: words }));
}

/** Rungs of a ladder that were not needed stay here. */
function holdFaults({ sent, attempts }: Evidence): Violation[] {
  const left = new Set(sent);
  return attempts
    .filter(({ isHeld, raw }) => isHeld && raw !== null && left.has(raw))
    .map(({ streamId, n }) => ({
      check: 'what is held is not sent',
      evidence: `${streamId}: attempt ${n} was sent`,
    }));
}

/** I1 and I4: what is signed for one nonce is one payload, or a transfer of nothing to oneself. */
function bindingFaults({ attempts, signed, lanes, rows }: Evidence): Violation[] {
  const payloads = new Map<string, Set<string>>();
  const note = (address: string, unsigned: string) => {
    const { nonce, to, value, data } = decodeUnsignedTransaction(unsigned);
    if (to === address.toLowerCase() && value === 0n && data === '0x') return;
    const place = `nonce ${nonce} of ${address}`;
    payloads.set(place, (payloads.get(place) ?? new Set()).add(`${value} wei to ${to} with ${data}`));
  };
  const accounts = new Map(rows.map(({ streamId, address }) => [streamId, address]));
  for (const { streamId, unsigned, raw } of attempts) {
    const address = accounts.get(streamId);
    if (raw !== null && typeof address === 'string') note(address, unsigned);
  }
  const senders = new Map(lanes.map(({ path, address }) => [path, address]));
  for (const { path = '', payload } of signed) {
    const address = senders.get(path);
    if (address !== undefined && 'unsigned' in payload) note(address, payload.unsigned);
  }
  return [...payloads]
    .filter(([, contents]) => contents.size > 1)
    .map(([place, contents]) => ({
      check: 'one payload for a nonce',
      evidence: `${place}: ${[...contents].join(' and ')}`,
    }));
}

/**
 * I7: pools take a transaction for a replacement from a tenth more on, in both fees. What is priced over those that were
 * sent from here may be cheaper than one that was held back, and that somebody else sent.
 */
function feeFaults({ attempts, foreign }: Evidence): Violation[] {
  const made = byStream(
    attempts.filter(
      ({ status, isHeld, raw }) => status !== 'dropped' && !isHeld && !foreign.leaked.has(raw ?? ''),
    ),
  );
  return [...made.values()].flatMap((ofIntent) => {
    const inOrder = [...ofIntent].sort((a, b) => a.n - b.n);
    return inOrder.slice(1).flatMap((later, i) => {
      const earlier = inOrder[i];
      return earlier === undefined || isDearer(later, earlier)
        ? []
        : [
            {
              check: 'each attempt is dearer',
              evidence: `${later.streamId}: ${fees(earlier)}, then ${fees(later)}`,
            },
          ];
    });
  });
}

function isDearer(later: AttemptRow, earlier: AttemptRow): boolean {
  return (
    later.maxFeePerGas * 10n >= earlier.maxFeePerGas * 11n &&
    later.maxPriorityFeePerGas * 10n >= earlier.maxPriorityFeePerGas * 11n
  );
}

function fees({ n, maxFeePerGas, maxPriorityFeePerGas }: AttemptRow): string {
  return `attempt ${n} with ${maxFeePerGas}/${maxPriorityFeePerGas} wei per gas`;
}
