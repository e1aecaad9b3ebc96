/** The submitter's figures as text. */
import { type CeilingResult } from './ceiling';
import { type EventTimes } from './event-times';
import { type RestartResult } from './restart';
import { type SignedByNodesResult } from './signed-by-nodes';
import { type SubmitterResult } from './submitter.bench';

/** The section of docs/benchmarks.md. */
export function submitterReport({ ceiling, restart, signedByNodes }: SubmitterResult): string {
  return [
    '## Submitter',
    '',
    ...(ceiling === undefined ? [] : ceilingLines(ceiling)),
    ...(restart === undefined ? [] : restartLines(restart)),
    ...(signedByNodes === undefined ? [] : nodesLines(signedByNodes)),
  ].join('\n');
}

function ceilingLines(result: CeilingResult): string[] {
  const { lanes, perSecond, seconds, acceptedPerSecond, minedPerSecond, times, submitterBusy } = result;
  const { commits, rowsWritten, walKibibytes } = result.database;
  return [
    `With a stub signer in a process of its own: ${perSecond} intents a second offered for ${seconds} s on ${lanesOf(lanes)},`,
    'chain with 1 s blocks of 1e9 gas, finality after four blocks. Times are those of the events of the receipt and of the',
    'first accept, so that the commit which notes the accept is part of them.',
    '',
    `- accepted ${acceptedPerSecond.toFixed(0)} per second, mined ${minedPerSecond.toFixed(0)} per second; ` +
      `all accepted ${result.drainSeconds.toFixed(1)} s after the last was offered`,
    `- received to first accept: p50 ${ms(times.accepted.p50)}, p99 ${ms(times.accepted.p99)}`,
    ...stepLines(times),
    `- per transaction ${commits.toFixed(2)} commits, ${rowsWritten.toFixed(1)} rows written, ${walKibibytes.toFixed(1)} KiB of WAL`,
    `- the submitter used ${(100 * submitterBusy).toFixed(0)} % of one core`,
    `- CPU ms per transaction: ${cpuOf(result.cpu)}`,
    '',
  ];
}

function restartLines({
  lanes,
  inFlight,
  firstSendMs,
  afterReadyMs,
  allSentSeconds,
}: RestartResult): string[] {
  return [
    `Restart after SIGKILL with ${inFlight} transactions in the pool on ${lanesOf(lanes)}, while no block is made:`,
    '',
    `- first eth_sendRawTransaction ${firstSendMs} ms after the start of the process (${Math.abs(afterReadyMs)} ms ` +
      `${afterReadyMs < 0 ? 'before' : 'after'} it was ready)`,
    `- each was sent once more ${allSentSeconds.toFixed(1)} s after the start of the process`,
    '',
  ];
}

function nodesLines(result: SignedByNodesResult): string[] {
  const { intents, inFlight, acceptedPerSecond, times, limit } = result;
  return [
    `Signed by three nodes (2-of-3, from stock), ${intents} intents on one lane, ${inFlight} at a time:`,
    '',
    `- accepted ${acceptedPerSecond.toFixed(0)} per second`,
    `- received to first accept: p50 ${ms(times.accepted.p50)}, p99 ${ms(times.accepted.p99)}`,
    ...stepLines(times),
    `- CPU ms per transaction: ${cpuOf(result.cpu)}`,
    `- the limit is: ${limit}`,
    '',
  ];
}

function stepLines({ steps }: EventTimes): string[] {
  return steps.map(({ step, p50, p99 }) => `  - ${step}: p50 ${ms(p50)}, p99 ${ms(p99)}`);
}

function cpuOf(cpu: ReadonlyMap<string, number>): string {
  const parts = [...cpu].filter(([, value]) => value >= 0.005);
  const all = parts.reduce((sum, [, value]) => sum + value, 0);
  return `${parts.map(([name, value]) => `${name} ${value.toFixed(2)}`).join(', ')}, all ${all.toFixed(2)}`;
}

function lanesOf(lanes: number): string {
  return lanes === 1 ? 'one lane' : `${lanes} lanes`;
}

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(0)} ms`;
}
