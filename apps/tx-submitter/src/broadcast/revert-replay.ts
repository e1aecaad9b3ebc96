/**
 * Why transactions failed that blocks hold. No receipt says it, so they are executed once more: a replay, on a state that
 * may differ from the one that they met in the middle of their block.
 */
import { callOf } from '@quorate/evm';
import { isPassing } from '@quorate/platform';

import { type IntentCommand, type NoteInclusion } from '../intent/commands';
import { type Chain } from '../ports/chain.port';
import { type Flight } from './in-flight';

/** Transactions of one look at the chain that are replayed, and milliseconds for all of them: blocks do not wait longer. */
const mostReplays = 16;
const patienceMs = 1_000;

/** Something seen of a flight. */
interface Sighting {
  flight: Flight;
  command: IntentCommand;
}

/** Adds reasons to the inclusions of payloads that failed, as far as they can be had soon. */
export async function withRevertReasons<T extends Sighting>(
  chain: Pick<Chain, 'replay'>,
  seen: readonly T[],
): Promise<T[]> {
  const reasons = new Map<IntentCommand, string>();
  const replays = seen
    .filter(isNewFailure)
    .slice(0, mostReplays)
    .map(async ({ flight, command }) => {
      const reason = await replay(chain, flight, command);
      if (reason !== undefined) reasons.set(command, reason);
    });
  if (replays.length > 0) await withinPatience(Promise.all(replays));
  return seen.map((one) => {
    const reason = reasons.get(one.command);
    return reason === undefined ? one : { ...one, command: { ...one.command, reason } };
  });
}

function isNewFailure<T extends Sighting>(one: T): one is T & { command: NoteInclusion } {
  const { flight, command } = one;
  if (command.kind !== 'note-inclusion' || command.status === 'success') return false;
  const isKnown = flight.inclusion?.block.hash === command.block.hash;
  return !isKnown && flight.attempts.some(({ hash, kind }) => hash === command.hash && kind === 'payload');
}

/** On the state before its block; when it does not fail there, on the state after it. */
async function replay(
  chain: Pick<Chain, 'replay'>,
  { attempts, lane }: Flight,
  { hash, block }: NoteInclusion,
): Promise<string | undefined> {
  const attempt = attempts.find((one) => one.hash === hash);
  if (attempt === undefined) return undefined;
  const call = callOf(attempt.raw, lane.address);
  const height = Number(block.number);
  try {
    for (const at of [height - 1, height]) {
      const result = await chain.replay(call, at);
      if (result.kind === 'reverts') return `a replay on the state of block ${at} says: ${result.reason}`;
    }
  } catch (error) {
    if (!isPassing(error)) throw error;
  }
  return undefined;
}

/** Resolves when the work is done, or has taken long enough. */
async function withinPatience(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => (timer = setTimeout(resolve, patienceMs)));
  try {
    await Promise.race([work, patience]);
  } finally {
    clearTimeout(timer);
  }
}
