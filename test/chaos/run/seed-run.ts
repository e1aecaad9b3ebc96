import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../../deploy/embedded/processes/until';
import { messageOf } from '../../../deploy/embedded/terminal/start-failure';
import { drawFaults } from '../faults/catalogue';
import { FREE_DISK } from '../faults/database-faults';
import { describeTrigger, type Fault, isCounted, type Trigger } from '../faults/fault';
import { Client } from '../load/client';
import {
  drawGoodRequest,
  drawWorkload,
  type Expectation,
  LIFETIME_MS,
  type PlannedIntent,
  type PlannedRequest,
  type Workload,
  type WorkloadOptions,
} from '../load/workload';
import { type TappedRecord } from '../observation/record-tap';
import { untilQueuesEmpty } from '../oracle/queues';
import { Random } from '../random';
import { type Arena } from './arena';
import { settleKey } from './key-aftermath';

const SPREAD_MS = 2000;
/** A fault that waits for a record which never comes strikes then all the same. */
const LATEST_STRIKE_MS = 5000;
/** Requests live for 300 s; far less must be enough once all faults are over. */
const ANSWER_TIMEOUT_MS = 120_000;
const SETTLED_TIMEOUT_MS = 30_000;
const QUEUES_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
/** How requests end for which no committee could work. */
const GIVEN_UP: ReadonlySet<string> = new Set(['no-quorum', 'failed']);
/** Frames of presigning are megabytes. */
const KEPT_BYTES = 256 * 1024;

/** What happened in one run. */
export interface RunResult {
  readonly seed: number;
  readonly milliseconds: number;
  /** In the order in which they struck, with the milliseconds since the run began. */
  readonly timeline: readonly { readonly at: number; readonly what: string; readonly kind?: string }[];
  /** Requests by what became of them: completed, or the code of the rejection. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** What nodes said to the orders of the compromised coordinator: shares, and refusals by their codes. */
  readonly answersToForged: Readonly<Record<string, number>>;
}

/** One seed: load and faults, then everything is made whole, and the oracle judges what became of every request. */
export class SeedRun {
  private readonly random: Random;
  private readonly faults: readonly Fault[];
  private readonly workload: Workload;
  private readonly options: WorkloadOptions;
  private readonly records: TappedRecord[] = [];
  private readonly timeline: { at: number; what: string; kind?: string }[] = [];
  private readonly began = performance.now();

  constructor(
    private readonly seed: number,
    private readonly arena: Arena,
    kinds: readonly string[],
    size: { readonly requests: number; readonly intents: number },
  ) {
    this.random = new Random(seed);
    const { key, chain, requester } = arena.stack.description;
    this.faults = drawFaults(this.random, new Random(~seed), kinds, arena.stack);
    this.options = {
      requester: requester.kid,
      keyId: key.keyId,
      chainId: chain.chainId,
      spreadMs: SPREAD_MS,
      requests: size.requests,
      intents: this.random.below(size.intents + 1),
    };
    this.workload = drawWorkload(this.random, this.options);
  }

  /** Never throws for what the product does: that goes to the arena's violations. */
  async run(): Promise<RunResult> {
    const { stack, tap, databases, producer, books, requesterKey } = this.arena;
    const stopListening = tap.listen((record) => {
      if ((record.value?.length ?? 0) <= KEPT_BYTES) this.records.push(record);
    });
    const client = new Client(stack.description.requester.kid, requesterKey, producer, books);
    this.workload.requests.forEach((request) => this.allow(request));
    for (const { id } of this.workload.intents) this.arena.allowIntent(id);
    client.start(this.workload);
    try {
      await Promise.all(this.faults.map((fault) => this.strike(fault)));
      stack.healAll();
      // Waits for Postgres where a fault has ended it.
      for (const name of databases.names) await databases.query(name, FREE_DISK);
      await settleKey(this.arena);
      if (this.timeline.some(({ kind }) => kind === 'key-ceremony')) this.sendFurther(client);
      await this.judge();
    } finally {
      stack.healAll();
      await client.stop();
      stopListening();
    }
    return {
      seed: this.seed,
      milliseconds: performance.now() - this.began,
      timeline: this.timeline,
      outcomes: this.outcomes(),
      answersToForged: this.answersToForged(),
    };
  }

  private allow({ value, expected }: PlannedRequest): void {
    if (expected === 'completed' || expected === 'conflict') this.arena.allow(value);
    if (expected === 'expired') this.arena.allowToTheLate(value);
  }

  /** After new shares, whichever they are now, the key signs. */
  private sendFurther(client: Client): void {
    const request = drawGoodRequest(this.random, this.options);
    this.allow(request);
    this.workload.requests.push(request);
    client.start({ requests: [request], intents: [] });
  }

  private async strike(fault: Fault): Promise<void> {
    const { stack } = this.arena;
    await this.untilTriggered(fault.at);
    this.note(`${fault.description} (${describeTrigger(fault.at)})`, fault.kind);
    try {
      await fault.inflict({
        stack,
        random: this.random,
        records: this.records,
        attacker: this.arena.attacker,
        publish: (records) => this.arena.publish(records),
        strike: (further) => this.strike(further),
      });
    } catch (error) {
      // Faults disturb each other: what cannot be inflicted because something is down already is no finding.
      this.note(`${fault.kind} could not be inflicted: ${messageOf(error)}`);
    }
  }

  private async untilTriggered(trigger: Trigger): Promise<void> {
    if ('afterMs' in trigger) {
      await delay(trigger.afterMs);
      return;
    }
    const latest = performance.now() + LATEST_STRIKE_MS;
    const seen = () => this.records.filter((record) => isCounted(trigger, record)).length;
    while (seen() < trigger.nth && performance.now() < latest) await delay(5);
  }

  private async judge(): Promise<void> {
    const { stack, tap, books, databases, ledgers, memory, violations } = this.arena;
    const answered = await this.untilAnswered();
    if (!answered) return;
    this.note('every request has its outcome');
    try {
      await untilQueuesEmpty(databases, tap.log, QUEUES_TIMEOUT_MS);
    } catch (error) {
      violations.add('no partition stuck', messageOf(error));
      return;
    }
    await ledgers.check();
    books.checkRivals(stack.description.key.threshold);
    // A fault may have struck late: the auditor is asked when it is there again.
    await stack.untilReady();
    await Promise.all(this.workload.requests.map((request) => this.checkStory(request)));
    await Promise.all(this.workload.intents.map((intent) => this.checkPayment(intent)));
    for (const excess of memory.measure(stack.description.processes))
      violations.add('memory bounded', excess);
  }

  /** Whether nothing is open any more. */
  private async untilAnswered(): Promise<boolean> {
    const deadline = performance.now() + ANSWER_TIMEOUT_MS;
    for (;;) {
      const open = [
        ...this.workload.requests
          .filter((request) => !this.isAnswered(request))
          .map(({ id }) => `request ${id}`),
        ...this.workload.intents
          .filter(({ value }) => this.arena.books.endOf(value) === undefined)
          .map(({ id }) => `intent ${id}`),
      ];
      if (open.length === 0) break;
      if (performance.now() > deadline) {
        this.arena.violations.add('an outcome for every request', `no outcome of ${open.join(', ')}`);
        return false;
      }
      await delay(POLL_MS);
    }
    for (const request of this.workload.requests) this.checkOutcome(request);
    return true;
  }

  private isAnswered({ expected, value }: PlannedRequest): boolean {
    const { books } = this.arena;
    return expected === 'dead-letter' ? books.wasDeadLettered(value) : books.finalOf(value) !== undefined;
  }

  private checkOutcome(request: PlannedRequest): void {
    const { books, verifier, violations } = this.arena;
    const { id, value, expected } = request;
    const final = books.finalOf(value);
    if (expected === 'dead-letter') {
      if (final) violations.add('no answer to strangers', `${id}: ${final.value.toString()}`);
      return;
    }
    if (final === undefined) return;
    if (final.json['type'] === 'quorate.sign.completed.v1') {
      const fault = verifier.fault(final.json, value);
      if (fault !== undefined)
        violations.add('every final valid', `${id}: ${fault}: ${final.value.toString()}`);
    }
    const outcome = outcomeOf(final.json);
    const pair = this.workload.requests.filter((other) => other.id === id);
    const allowed = pair.length > 1 ? ['completed', 'conflict'] : [expected];
    const isFitting = allowed.includes(outcome) || this.mayGiveUp(expected, outcome);
    if (!isFitting && !this.isBySomeClock(expected, outcome))
      violations.add(
        'the outcome that a request deserves',
        `${id}: ${expected}, not ${final.value.toString()}`,
      );
    const signed = pair.filter((other) => outcomeOf(books.finalOf(other.value)?.json) === 'completed');
    if (signed.length > 1) violations.add('one content per request id', id);
  }

  /** Three attempts that all met a fault end a request, with a code that says so (threshold-ecdsa.md 8.1). */
  private mayGiveUp(expected: string, outcome: string): boolean {
    return ['completed', 'conflict', 'policy'].includes(expected) && GIVEN_UP.has(outcome);
  }

  /** To services whose clocks are wrong a request can seem to be out of time, or still in time. */
  private isBySomeClock(expected: Expectation, outcome: string): boolean {
    const offsets = this.arena.stack.clocks.wrongSince(this.began).map(({ offsetMs }) => offsetMs);
    if (outcome === 'expired') return offsets.some((offset) => offset > LIFETIME_MS - ANSWER_TIMEOUT_MS);
    return expected === 'expired' && GIVEN_UP.has(outcome) && offsets.some((offset) => offset < 0);
  }

  private async checkStory({ id, value, expected }: PlannedRequest): Promise<void> {
    const { books, stories, violations } = this.arena;
    const final = books.finalOf(value);
    if (expected === 'dead-letter' || final === undefined) return;
    const fault = await stories.fault(id, value, final);
    if (fault !== undefined) violations.add('events consistent with finals', `${id}: ${fault}`);
  }

  private async checkPayment({ id, to, wei, value }: PlannedIntent): Promise<void> {
    const { books, violations, balanceOf } = this.arena;
    const end = String(books.endOf(value)?.json['type']);
    const due = end === 'quorate.tx.confirmed.v1' ? wei : 0n;
    // A chain that is killed is away for a moment, and has lost its last second: what was mined in it is sent again.
    const settled = async (): Promise<void> => {
      const paid = await balanceOf(to);
      if (paid !== due) throw new Error(`intent ${id} ended as ${end}; ${to} has ${paid} of ${wei} wei`);
    };
    await until('the payment', settled, { timeoutMs: SETTLED_TIMEOUT_MS }).catch((error: unknown) => {
      violations.add('paid exactly once', messageOf(error));
    });
  }

  private outcomes(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { value, expected } of this.workload.requests) {
      const final = this.arena.books.finalOf(value);
      const outcome = expected === 'dead-letter' ? expected : outcomeOf(final?.json);
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    for (const { value } of this.workload.intents) {
      const type = this.arena.books.endOf(value)?.json['type'];
      const outcome = typeof type === 'string' ? type.replace(/^quorate\.|\.v1$/g, '') : 'open intent';
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    return counts;
  }

  private answersToForged(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { topic, json } of this.records) {
      const { requestId, type, code } = json;
      if (topic !== 'mpc.partials' || typeof requestId !== 'string' || !requestId.startsWith('forged-'))
        continue;
      const answer = type === 'quorate.sign.partial.v1' ? 'share' : String(code);
      counts[answer] = (counts[answer] ?? 0) + 1;
    }
    return counts;
  }

  private note(what: string, kind?: string): void {
    const at = Math.round(performance.now() - this.began);
    this.timeline.push({ at, what, ...(kind === undefined ? {} : { kind }) });
  }
}

function outcomeOf(final: Readonly<Record<string, unknown>> | undefined): string {
  if (final === undefined) return 'open';
  return final['type'] === 'quorate.sign.completed.v1' ? 'completed' : String(final['code']);
}
