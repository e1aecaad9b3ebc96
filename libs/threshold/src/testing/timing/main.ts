/**
 * npm run dudect: times the steps that work on secrets with two classes of inputs, prints Welch's t, and fails above the
 * threshold. It is a smoke test: it can find a leak, it cannot show that there is none. Not part of npm test, because
 * it depends on the machine.
 */
import { systemRandom } from '../../random';
import {
  baseMultiplication,
  extensionCheck,
  leakyComparison,
  onlineStep,
  pointMultiplication,
  receiverStep,
  senderStep,
} from './targets';
import { largestT, measure, type Target } from './welch';

/** |t| above this is a leak; 4.5 is what the paper calls suspicious. */
const THRESHOLD = 10;
const SUSPICIOUS = 4.5;

const clock = () => Number(process.hrtime.bigint());

function report<T>(target: Target<T>, measured: number): number {
  const samples = measure(target, { warmUp: Math.ceil(measured / 10), measured }, systemRandom, clock);
  const t = largestT(samples);
  const [a, b] = samples.map((list) => (median(list) / 1000).toFixed(1));
  const verdict = Math.abs(t) > THRESHOLD ? 'LEAK' : Math.abs(t) > SUSPICIOUS ? 'suspicious' : 'no leak seen';
  process.stdout.write(
    `${target.name}: medians ${a ?? ''} / ${b ?? ''} us, t = ${t.toFixed(2)}, ${verdict}\n`,
  );
  return Math.abs(t);
}

function median(values: readonly number[]): number {
  return [...values].sort((x, y) => x - y)[values.length >> 1] ?? 0;
}

const isFound = report(leakyComparison(), 20_000) > THRESHOLD;
const largest = Math.max(
  report(extensionCheck(), 8000),
  report(senderStep(), 8000),
  report(receiverStep(), 8000),
  report(baseMultiplication(), 20_000),
  report(pointMultiplication(), 10_000),
  report(onlineStep(), 20_000),
);
if (!isFound)
  process.stdout.write('the self-test was not found to leak: this machine is too noisy to say anything\n');
process.exitCode = isFound && largest <= THRESHOLD ? 0 : 1;
