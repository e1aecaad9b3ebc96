import { Malformed } from '@quorate/transparency-log';
import { type ConsistencyAnswer, type LogEvent } from '../api/answers';
import { type AuditApi } from '../api/audit-api';
import { asProblem } from '../api/problem';
import { type KeyRing, parsed } from '../trust/trusted-keys';
import { type Check, failed, open, type Outcome, outcomeOf } from './check';
import { checkContinuity, neededProof } from './continuity';
import { checkContent, checkInclusion } from './entry';
import { type Head, readHead } from './head';
import { type Memory } from './memory';

/** What the checks of a head say; `head` is undefined when it is no checkpoint at all. */
export interface HeadVerdict {
  readonly head: Head | undefined;
  readonly checks: readonly Check[];
  readonly outcome: Outcome;
}

export interface EntryVerdict extends HeadVerdict {
  readonly event: LogEvent;
}

/** Asks the auditor for proofs and checks them here, with libs/transparency-log: it is believed in nothing. */
export class Verifier {
  constructor(
    private readonly api: AuditApi,
    private readonly keys: KeyRing,
    private readonly memory: Memory,
    /** Told of every failure. */
    private readonly alarm: (verdict: HeadVerdict) => void,
  ) {}

  /** Checks a checkpoint of a log, and remembers it if it is right. */
  async head(log: number, note: string): Promise<HeadVerdict> {
    return this.judge(await this.checkHead(log, note), log);
  }

  /**
   * Checks that an entry is in the log, that it is what is shown, and that the log goes on from what was seen here before.
   *
   * @param size of the tree: entries that are checked together have one checkpoint
   * @throws ApiProblem
   */
  async entry(event: LogEvent, size?: number): Promise<EntryVerdict> {
    const proof = await this.api.inclusion(event.log, event.index, size);
    const { head, checks } = await this.checkHead(event.log, proof.checkpoint);
    const all =
      head === undefined
        ? checks
        : [checkInclusion(event, proof, head), checkContent(event, proof.leaf), ...checks];
    return { ...this.judge({ head, checks: all }, event.log), event };
  }

  private async checkHead(log: number, note: string): Promise<Omit<HeadVerdict, 'outcome'>> {
    let head: Head;
    try {
      head = readHead(note, parsed(this.keys.trusted.value));
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return { head: undefined, checks: [failed('signature', `That is no checkpoint: ${error.message}.`)] };
    }
    const continuity = await this.continuity(log, head);
    return { head, checks: [head.signature, continuity, ...(head.witnesses ? [head.witnesses] : [])] };
  }

  private async continuity(log: number, head: Head): Promise<Check> {
    const remembered = this.memory.read(log);
    const needed = neededProof(remembered, head);
    if (needed === undefined) return checkContinuity(remembered, head, undefined);
    let proof: ConsistencyAnswer | undefined;
    try {
      proof = await this.api.consistency(log, needed.from, needed.to);
    } catch (error) {
      const { status, detail, message } = asProblem(error);
      // A refusal is an answer: there is no such proof. Anything else says nothing about the log.
      if (status !== 400 && status !== 404)
        return open('continuity', `The proof could not be fetched: ${detail || message}`);
    }
    return checkContinuity(remembered, head, proof);
  }

  private judge({ head, checks }: Omit<HeadVerdict, 'outcome'>, log: number): HeadVerdict {
    const verdict = { head, checks, outcome: outcomeOf(checks) };
    const isContinued = checks.some(({ what, state }) => what === 'continuity' && state === 'passed');
    if (verdict.outcome === 'failed') this.alarm(verdict);
    else if (head !== undefined && isContinued) this.memory.keep(log, head);
    return verdict;
  }
}
