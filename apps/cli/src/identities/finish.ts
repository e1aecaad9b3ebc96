import { topicNames } from '@quorate/protocol';
import { CommandFailure, EXIT } from '../exit-code';
import { messageLogOf } from '../stack/connections';
import { type Stack } from '../stack/stack-file';
import { readDocument, writeDocument } from './documents';
import { bounded, ended, unfinished } from './pinned-keys';
import { type Places } from './places';
import { type RotationFile } from './rotation';
import { type Surroundings } from './rotate-unit';
import { replace } from './staged-files';
import { withoutFormerTokens } from './things/new-things';

/** A former key ends at once also for a service whose clock is behind by less than this. */
const CLOCK_SKEW_MS = 5 * 60 * 1000;

/** What a rotation has left behind. */
export interface Finished {
  /** Kids whose former keys count no more. */
  readonly kids: string[];
  /** By number of the log: from which index on they sign nothing in it. */
  readonly ends: Record<string, number>;
}

/** Kids with a former key whose end in the log is not written down yet. */
export function unfinishedKids({ peers, requesters }: Pick<Places, 'peers' | 'requesters'>): string[] {
  return [...new Set([peers, requesters].flatMap((file) => unfinished(readDocument(file))))];
}

/**
 * Ends what was replaced: for decisions now, in the audit log where it ends after everybody has taken note of that and
 * published what was signed before. May be cut off anywhere and done again.
 * @throws CommandFailure `rotation-open` while one is under way
 */
export async function finishRotation(file: RotationFile, around: Surroundings): Promise<Finished> {
  const { places, services, stack, note } = around;
  const open = file.load()?.units.filter(({ phase }) => phase !== 'done') ?? [];
  if (open.length > 0) {
    const kids = open.flatMap((unit) => unit.kids).join(', ');
    throw new CommandFailure(
      EXIT.failure,
      'rotation-open',
      `${kids} are not replaced yet: \`quorate identities rotate\` goes on with it`,
    );
  }
  const kids = unfinishedKids(places);
  note('former keys and tokens count no more');
  endDecisions(places, new Date(Date.now() - CLOCK_SKEW_MS));
  endTokens(places, around.roles);
  await services.haveInForce([places.peers, places.requesters], places.policies);
  await services.havePublished(new Date());
  const ends = await logEnds(stack());
  for (const pinned of [places.peers, places.requesters]) {
    const changed = bounded(readDocument(pinned), ends);
    if (changed !== undefined) writeDocument(pinned, changed);
  }
  await services.haveInForce([places.peers, places.requesters]);
  file.remove();
  return { kids, ends };
}

function endDecisions({ peers, requesters, policies }: Places, now: Date): void {
  for (const file of [peers, requesters]) {
    const changed = ended(readDocument(file), now, 'for the log');
    if (changed !== undefined) writeDocument(file, changed);
  }
  for (const file of policies.values()) {
    const changed = ended(readDocument(file), now, 'not at all');
    if (changed !== undefined) writeDocument(file, changed);
  }
}

function endTokens(places: Places, roles: ReadonlyMap<string, string>): void {
  for (const kid of roles.keys()) {
    const [place] = places.tokens(kid);
    const without = place && withoutFormerTokens(place.tokens);
    if (place !== undefined && without !== undefined) replace(place.tokens, without);
  }
}

/** Where each log ends now: leaf i is the record at offset i. */
async function logEnds(stack: Stack): Promise<Record<string, number>> {
  const log = messageLogOf(stack);
  try {
    const ends = await log.highWatermarks(topicNames(stack.kafka.topicPrefix).events);
    return Object.fromEntries([...ends].map(([partition, end]) => [String(partition), Number(end)]));
  } finally {
    await log.close();
  }
}
