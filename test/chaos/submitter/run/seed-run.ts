/** One seed: intents and faults, then everything is made whole, and the oracle judges. */
import { setTimeout as delay } from 'node:timers/promises';
import { type TxOutcome, txOutcomeSchema } from '@quorate/protocol';
import { messageOf } from '../../../../deploy/embedded/terminal/start-failure';
import { type Violation } from '../../oracle/violations';
import { Random } from '../../random';
import { FINALITY_DEPTH, USUAL_BASE_FEE, USUAL_BLOCK_MS } from '../bench/local-chain';
import { REQUESTER, type SubmitterBench, untilReady } from '../bench/submitter-bench';
import { drawFaults } from '../faults/catalogue';
import { type Arena, type Fault, type FaultKind } from '../faults/fault';
import { IntentClient } from '../load/intent-client';
import { drawIntents, type Lane, type PlannedIntent, REVERTING_CONTRACT } from '../load/plan';
import { type Evidence, type OpenIntent } from '../oracle/evidence';
import { gather, requestsFor, sentForRun } from '../oracle/gather';
import { judge } from '../oracle/judge';
import { openIntents, unheardOutcomes } from './quiescence';

const SPREAD_MS = 2500;
const FUNDS = 10n ** 20n;
/** What the signers refused for good is asked again after five minutes, and several waits may follow each other. */
const QUIET_TIMEOUT_MS = 480_000;
const POLL_MS = 250;

export interface RunOptions {
  readonly intents: number;
  readonly lanes: number;
  /** How many kinds of faults strike in one run. */
  readonly faults: number;
  readonly kinds: readonly FaultKind[];
}

/** What happened in one run. */
export interface RunResult {
  readonly seed: number;
  readonly milliseconds: number;
  /** In the order in which they struck, with the milliseconds since the run began. */
  readonly timeline: readonly { readonly at: number; readonly what: string; readonly kind?: string }[];
  /** Intents by how they ended. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Transactions that were made beyond the first of each intent. */
  readonly replacements: number;
  readonly fillers: number;
  readonly violations: readonly Violation[];
}

export class SeedRun {
  private readonly random: Random;
  private readonly lanes: readonly Lane[];
  private readonly intents: readonly PlannedIntent[];
  private readonly faults: readonly Fault[];
  private readonly prefix: string;
  private readonly outcomes = new Map<string, TxOutcome>();
  private readonly timeline: { at: number; what: string; kind?: string }[] = [];
  private readonly foreign: Arena['foreign'] = { hashes: new Set(), leaked: new Set(), jumps: [] };
  private readonly failures = new Set<string>();
  private areClocksWrong = false;
  private readonly began = performance.now();

  /** @param run counts the runs on this bench, so that each has accounts and names of its own */
  constructor(
    private readonly bench: SubmitterBench,
    private readonly seed: number,
    run: number,
    options: RunOptions,
  ) {
    this.random = new Random(seed);
    this.prefix = `run${run}-${seed}`;
    this.lanes = Array.from({ length: options.lanes }, (_, lane) => {
      const path = `m/${run}/${lane}`;
      return { path, address: bench.key.address(path) };
    });
    this.intents = drawIntents(this.random, {
      ...{ keyId: bench.key.keyId, lanes: this.lanes, intents: options.intents },
      ...{ spreadMs: SPREAD_MS, prefix: this.prefix },
    });
    this.faults = drawFaults(seed, options.faults, options.kinds, SPREAD_MS);
  }

  /** Never throws for what the product does: that is a violation. */
  async run(): Promise<RunResult> {
    const { bench } = this;
    const stopListening = bench.tap.listen(({ topic, json }) => {
      if (topic !== bench.topics.outcomes || !String(json['intentId']).startsWith(this.prefix)) return;
      const outcome = txOutcomeSchema.parse(json);
      this.outcomes.set(outcome.id, outcome);
    });
    try {
      const fromBlock = await this.prepare();
      await this.strikeAll();
      await this.heal();
      const evidence = await this.untilQuiet(fromBlock);
      return this.result(evidence);
    } finally {
      stopListening();
      for (const proxy of bench.proxies) proxy.calls.length = 0;
      bench.witness.forget();
    }
  }

  /** Money for the accounts, in blocks that are final before anything happens. */
  private async prepare(): Promise<number> {
    const { chain } = this.bench;
    const fromBlock = await chain.height();
    await Promise.all(this.lanes.map(({ address }) => chain.fund(address, FUNDS)));
    // Code that reverts at once.
    await chain.call('anvil_setCode', REVERTING_CONTRACT, '0x60006000fd');
    await chain.mine(FINALITY_DEPTH + 2);
    return fromBlock;
  }

  private async strikeAll(): Promise<void> {
    const { bench, random, lanes, intents, foreign, failures } = this;
    const signer = bench.identities.signer(REQUESTER);
    const client = new IntentClient(intents, bench.topics.intents, signer, bench.producer);
    const arena: Arena = {
      ...{ bench, random, lanes, intents, client, foreign, failures },
      excuseClocks: () => (this.areClocksWrong = true),
      note: (what) => this.note(what),
    };
    await Promise.all([client.run(), ...this.faults.map((fault) => this.strike(fault, arena))]);
  }

  private async strike({ kind, description, at, inflict }: Fault, arena: Arena): Promise<void> {
    await delay(at);
    this.note(description, kind);
    try {
      await inflict(arena);
    } catch (error) {
      // Faults disturb each other: what cannot be inflicted because something is down already is no finding.
      this.note(`${kind} could not be inflicted: ${messageOf(error)}`);
    }
  }

  private async heal(): Promise<void> {
    const { chain, proxies, signer, submitters } = this.bench;
    for (const proxy of proxies) {
      proxy.heal();
      proxy.turnTo(chain.url);
    }
    Object.assign(chain, { baseFee: USUAL_BASE_FEE, isStalled: false, blockMs: USUAL_BLOCK_MS });
    for (const submitter of submitters) {
      submitter.disarm();
      submitter.setClock(0);
    }
    signer.copies = 1;
    await signer.release();
    await Promise.all(this.lanes.map(({ address }) => chain.fund(address, FUNDS)));
    this.note('everything is whole again');
    await untilReady(submitters);
  }

  /** Waits until nothing is open any more; what stays open is a violation that the rows show. */
  private async untilQuiet(fromBlock: number): Promise<Evidence> {
    const { bench, prefix, lanes } = this;
    const deadline = performance.now() + QUIET_TIMEOUT_MS;
    const scope = { prefix, lanes, fromBlock };
    let open: OpenIntent[];
    let unheard: number;
    do {
      await delay(POLL_MS);
      open = await openIntents(bench.database, scope, this.intents);
      unheard = open.length > 0 ? 0 : await unheardOutcomes(bench.database, prefix, this.outcomes);
    } while ((open.length > 0 || unheard > 0) && performance.now() < deadline);
    this.note(open.length === 0 ? 'every intent has its end' : `${open.length} intents are open`);
    return {
      ...{ intents: this.intents, lanes, foreign: this.foreign, open, unheard },
      outcomes: [...this.outcomes.values()],
      sent: await sentForRun(bench.database, scope, bench.witness.seen),
      sentTooEarly: [...bench.witness.tooEarly],
      signed: requestsFor(lanes, bench.signer.signed),
      excuses: { failures: this.failures, clocks: this.areClocksWrong },
      ...(await gather(bench.database, bench.chain, scope)),
    };
  }

  private result(evidence: Evidence): RunResult {
    const outcomes: Record<string, number> = {};
    const planned = new Set(this.intents.map(({ id }) => id));
    for (const { intentId, status } of evidence.rows)
      if (planned.has(intentId)) outcomes[status] = (outcomes[status] ?? 0) + 1;
    return {
      ...{ seed: this.seed, milliseconds: performance.now() - this.began, timeline: this.timeline, outcomes },
      replacements: evidence.attempts.filter(({ n, isHeld }) => n > 0 && !isHeld).length,
      fillers: evidence.rows.filter(({ intentId }) => !planned.has(intentId)).length,
      violations: judge(evidence),
    };
  }

  private note(what: string, kind?: string): void {
    const at = Math.round(performance.now() - this.began);
    this.timeline.push({ at, what, ...(kind === undefined ? {} : { kind }) });
  }
}
