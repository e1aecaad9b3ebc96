import { createHash } from 'node:crypto';
import {
  type CommandOf,
  haltFactsSchema,
  type KeyLookup,
  type RawRecord,
  resumeFactsSchema,
  stateSchema,
  verifyServiceRecord,
} from '@quorate/protocol';
import { type Halt, type HaltChange } from './halt-register';

/** The id of an operators' halt, and of a resume: 0x + SHA-256 of the command's exact bytes. */
export function commandId(command: Uint8Array): string {
  return `0x${createHash('sha256').update(command).digest('hex')}`;
}

/** Why something is not done, for the people who asked for it. */
export function describeHalt({ scope, reason }: Halt): string {
  return `signing is halted (${scope}): ${reason}`.slice(0, 1_000);
}

/** What an operators' halt does. */
export function changeOfHalt(
  command: Uint8Array,
  { scope, reason }: CommandOf<'Halt'>,
  by: string,
): HaltChange {
  return { kind: 'halt', haltId: commandId(command), scope, reason, by };
}

/**
 * What an operators' resume ends. One that names its halts is good for these for ever. One that names none is good once,
 * until its expiry by the reader's own clock, for what the coordinator that took it found halted.
 * @param bytes the command as it was signed
 * @param found the halts that the coordinator found; believed only for a resume that names none
 * @returns undefined when it ends nothing (any more)
 */
export function changeOfResume(
  bytes: Uint8Array,
  { scope, halts, expiry }: CommandOf<'Resume'>,
  found: readonly string[],
  now: Date,
): HaltChange | undefined {
  if (halts !== undefined) return { kind: 'resume', scope, halts };
  if (found.length === 0 || new Date(expiry) <= now) return undefined;
  return { kind: 'resume', scope, halts: [...found], oneTime: commandId(bytes) };
}

/** Whose word a reader of state topics takes. */
export interface HaltAuthorities {
  /** Keys of the services whose halts count: coordinators and submitters. */
  readonly lookup: KeyLookup;
  /** The command, when enough operators signed it (whether it has expired does not matter here); throws otherwise. */
  readonly readResume: (command: Buffer, signatures: readonly string[]) => CommandOf<'Resume'>;
}

/** A change that a record makes, and what its event says of where it came from. */
export interface RecordedChange {
  readonly change: HaltChange;
  readonly evidence: object;
}

/**
 * What a record of mpc.state.WRITER changes; undefined when it is about something else, or ends nothing.
 * @throws what `readResume` throws
 */
export function changeOfRecord(
  record: RawRecord,
  writer: string,
  { lookup, readResume }: HaltAuthorities,
  now: Date,
): RecordedChange | { readonly refused: string } | undefined {
  const verified = verifyServiceRecord(record, {
    typ: 'state',
    schema: stateSchema,
    lookup: (kid) => (kid === writer ? lookup(kid) : undefined),
  });
  if (!verified.ok) return { refused: verified.reason };
  const { data } = verified;
  if (data.type === 'quorate.state.halt.v1') {
    // A service speaks in its own name, or passes on what an operator said to it.
    const { haltId, scope, reason, by } = data;
    return { change: { kind: 'halt', haltId, scope, reason, by }, evidence: { writer } };
  }
  if (data.type !== 'quorate.state.resume.v1') return undefined;
  const { command, signatures } = data;
  const bytes = Buffer.from(command, 'base64');
  const change = changeOfResume(bytes, readResume(bytes, signatures), data.halts, now);
  return change && { change, evidence: { writer, command, signatures } };
}

const HALTED = 'quorate.system.halted.v1';
const RESUMED = 'quorate.system.resumed.v1';

/** The event that a change is stored and published as. */
export function eventOfChange(change: HaltChange): { type: string; data: object } {
  const { kind, ...data } = change;
  return { type: kind === 'halt' ? HALTED : RESUMED, data };
}

/** The changes that stored events were made of. */
export function changesOfEvents(events: Iterable<{ type: string; data: object }>): HaltChange[] {
  const changes: HaltChange[] = [];
  for (const { type, data } of events) {
    if (type === HALTED) changes.push({ kind: 'halt', ...haltFactsSchema.parse(data) });
    else if (type === RESUMED) changes.push({ kind: 'resume', ...resumeFactsSchema.parse(data) });
  }
  return changes;
}
