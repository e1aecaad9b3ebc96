/** What can be done to the submitters of a run. */
import { type Random } from '../../random';
import { type SubmitterBench } from '../bench/submitter-bench';
import { type IntentClient } from '../load/intent-client';
import { type Lane, type PlannedIntent } from '../load/plan';
import { type ForeignDeeds } from '../oracle/evidence';

/** What faults work with, and where they note what they did that the oracle must know. */
export interface Arena {
  readonly bench: SubmitterBench;
  readonly random: Random;
  readonly lanes: readonly Lane[];
  readonly intents: readonly PlannedIntent[];
  readonly client: IntentClient;
  readonly foreign: { hashes: Set<string>; leaked: Set<string>; jumps: ForeignDeeds['jumps'][number][] };
  /** Codes with which intents may fail because of a fault. */
  readonly failures: Set<string>;
  readonly excuseClocks: () => void;
  /** Adds to what the report says happened. */
  readonly note: (what: string) => void;
}

/** One blow: what it does, and how it makes it undone. What it leaves is healed at the end of the run. */
export interface Fault {
  readonly kind: string;
  readonly description: string;
  /** Milliseconds after the beginning of the run. */
  readonly at: number;
  readonly inflict: (arena: Arena) => Promise<void>;
}

/** A kind of fault. */
export interface FaultKind {
  readonly name: string;
  /** The group of submitter.md's list that it belongs to. */
  readonly group: 'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J';
  /** Too slow for every run: only by its name, or in campaigns that ask for it. */
  readonly isSlow?: true;
  /** The blows of one run. */
  readonly draw: (random: Random, spreadMs: number) => Omit<Fault, 'kind'>[];
}
