import { type PartialRecord, streams } from '@quorate/protocol';
import { type Ceremony } from '../ceremony/ceremony';
import { type Verdict } from '../ceremony/verdict';
import { type Clock } from '../ports/clock.port';
import { isFinalCode } from '../sign-request/sign-request';
import { type Pulse } from './pulse';
import { type Quarantine } from './quarantine';

/** A node that says so is at its limit, or does what it was told: that is no fault. */
const NO_FAULT = new Set(['full', 'busy', 'overloaded', 'halted', 'operator', 'policy', 'spent-limit']);
/** Failures that say nothing about a node (threshold-ecdsa.md 9: never penalise). */
const BLAMELESS_CLASSES = new Set(['CONFIG']);
const BLAMELESS_CHECKS = new Set(['member-restarted', 'dependency-away']);
/** A wrong share costs a presignature, and only a dishonest or broken node sends one. */
const WRONG_SHARES_POINTS = 1.5;

/** Name of one attempt at one request. */
export function attemptName(streamId: string, attempt: number): string {
  return `${attempt} ${streamId}`;
}

/** Reads out of what happens how the nodes conduct themselves, and has it noted. */
export class Conduct {
  constructor(
    private readonly quarantine: Quarantine,
    private readonly pulse: Pulse,
    private readonly clock: Clock,
  ) {}

  /** A verified record of mpc.partials, as soon as it arrives. */
  heard(data: PartialRecord): void {
    if (data.type === 'quorate.ceremony.ended.v1') return;
    const { requester, requestId, attempt, node } = data;
    const isAwaited = this.pulse.heard(node, attemptName(streams.sign(requester, requestId), attempt));
    if (isAwaited && data.type === 'quorate.sign.refused.v1') {
      if (!isFinalCode(data.code)) this.refused(node, data.code, data.reason);
    }
  }

  /** The node did not take its work, or did not do it. */
  refused(node: string, code: string, reason: string): void {
    if (NO_FAULT.has(code)) return;
    this.quarantine.note({ kind: 'fault', node, reason: `refused: ${code} ${reason}`, now: this.now() });
  }

  /** @returns false when that was known already */
  silent(node: string, silenceMs: number): boolean {
    const reason = `said nothing for ${Math.round(silenceMs)} ms while others answered`;
    return this.quarantine.note({ kind: 'fault', node, reason, now: this.now() });
  }

  /** All members did their part in time. */
  worked(members: readonly string[]): void {
    for (const node of members) {
      const peers = members.filter((member) => member !== node);
      this.quarantine.note({ kind: 'work', node, peers, now: this.now() });
    }
  }

  /** The node said something about an attempt in time, but nothing that answers it. */
  unusableAnswer(node: string): void {
    this.quarantine.note({ kind: 'fault', node, reason: 'gave no usable answer', now: this.now() });
  }

  /** The node's share alone is wrong, which its signed record proves to everybody. */
  wrongShare(node: string): void {
    this.quarantine.note({ kind: 'fault', node, reason: 'sent a wrong share', now: this.now() });
  }

  /** The members' shares do not make a signature: nobody can say whose share is wrong. */
  sharesDidNotCombine(members: readonly string[]): void {
    const points = WRONG_SHARES_POINTS / Math.max(1, members.length - 1);
    for (const [i, first] of members.entries()) {
      for (const second of members.slice(i + 1)) {
        this.conflict(first, second, points, (other) => `shares with ${other} do not combine`);
      }
    }
  }

  ceremonyEnded({ participants }: Ceremony, verdict: Exclude<Verdict, { kind: 'open' }>): void {
    if (verdict.kind !== 'failed') {
      this.worked(participants);
      return;
    }
    if (verdict.by === undefined) return;
    const { node: reporter, failure } = verdict.by;
    const { class: failureClass = 'TIMEOUT', check = '', accused } = failure ?? {};
    if (BLAMELESS_CLASSES.has(failureClass) || BLAMELESS_CHECKS.has(check)) return;
    const others = participants.filter((node) => node !== reporter);
    const blamed = others.filter((node) => accused === undefined || node === accused);
    for (const other of blamed) {
      this.conflict(
        reporter,
        other,
        1 / blamed.length,
        (peer) => `a ceremony with ${peer} failed: ${failureClass} ${check}, as ${reporter} says`,
      );
    }
  }

  /** Counts against both. */
  private conflict(first: string, second: string, points: number, reason: (peer: string) => string): void {
    const common = { kind: 'conflict', points, now: this.now() } as const;
    this.quarantine.note({ ...common, node: first, peer: second, reason: reason(second) });
    this.quarantine.note({ ...common, node: second, peer: first, reason: reason(first) });
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}
