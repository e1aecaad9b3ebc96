/** The named points of submitter.md (K1 to K14) at which a submitter is killed from within. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Random } from '../../random';
import { USUAL_BASE_FEE } from '../bench/local-chain';
import { type Arena } from './fault';

/** How long a submitter has to come by a point; where it never does, nothing is killed. */
const ARMED_MS = 4000;

export interface Failpoint {
  readonly name: string;
  readonly at:
    'before-commit' | 'after-commit' | 'before-publish' | 'after-publish' | 'before-send' | 'after-send';
  /** The event or topic, as insider/failpoint knows them. */
  readonly match: string;
  /** What has to happen so that a submitter comes by. */
  readonly needs?: 'reorg' | 'spike' | 'cancel';
}

const event = (name: string) => `quorate.tx.${name}.v1`;

export const failpoints: readonly Failpoint[] = [
  { name: 'K1', at: 'before-commit', match: event('requested') },
  { name: 'K2', at: 'after-commit', match: event('requested') },
  { name: 'K3', at: 'before-commit', match: event('nonce-reserved') },
  { name: 'K4', at: 'after-commit', match: event('signature-requested') },
  { name: 'K5', at: 'after-publish', match: event('signature-requested') },
  { name: 'K6', at: 'before-commit', match: event('signed') },
  { name: 'K7', at: 'after-commit', match: event('signed') },
  { name: 'K8', at: 'before-send', match: 'send' },
  { name: 'K8', at: 'after-send', match: 'send' },
  { name: 'K9', at: 'before-commit', match: event('broadcast') },
  { name: 'K9', at: 'after-commit', match: event('broadcast') },
  { name: 'K10', at: 'before-commit', match: event('replaced'), needs: 'spike' },
  { name: 'K10', at: 'after-commit', match: event('replaced'), needs: 'spike' },
  { name: 'K10', at: 'after-publish', match: event('replaced'), needs: 'spike' },
  { name: 'K11', at: 'before-commit', match: event('cancel-requested'), needs: 'cancel' },
  { name: 'K11', at: 'after-commit', match: event('cancel-requested'), needs: 'cancel' },
  { name: 'K11', at: 'before-commit', match: event('cancelled'), needs: 'cancel' },
  { name: 'K12', at: 'before-commit', match: event('included') },
  { name: 'K12', at: 'after-commit', match: event('included') },
  { name: 'K12', at: 'before-commit', match: event('confirmed') },
  { name: 'K12', at: 'after-commit', match: event('finalized') },
  { name: 'K13', at: 'before-commit', match: event('reorged'), needs: 'reorg' },
  { name: 'K13', at: 'after-commit', match: event('reorged'), needs: 'reorg' },
  { name: 'K14', at: 'before-publish', match: event('broadcast') },
  { name: 'K14', at: 'after-publish', match: event('confirmed') },
];

export function drawFailpoint(random: Random): Failpoint {
  return random.pick(failpoints);
}

/** Arms both submitters, so that whichever comes by first dies, and sees to it that one does. */
export async function inflictFailpoint(
  arena: Arena,
  { name, at, match, needs }: Failpoint,
  nth: number,
): Promise<void> {
  const { submitters } = arena.bench;
  const before = submitters.map(({ kills }) => kills);
  for (const submitter of submitters) submitter.arm({ at, match, nth });
  if (needs !== undefined) await causes[needs](arena);
  const deadline = performance.now() + ARMED_MS;
  const isHit = () => submitters.some(({ kills }, i) => kills > (before[i] ?? 0));
  while (!isHit() && performance.now() < deadline) await delay(20);
  for (const submitter of submitters) submitter.disarm();
  arena.bench.chain.baseFee = USUAL_BASE_FEE;
  arena.note(isHit() ? `${name} was hit` : `nobody came by ${name}`);
}

const causes: Readonly<Record<NonNullable<Failpoint['needs']>, (arena: Arena) => Promise<unknown>>> = {
  reorg: async ({ bench, random }) => {
    await delay(2 * bench.chain.blockMs);
    await bench.chain.reorganise(random.between(2, 4));
  },
  spike: async ({ bench }) => {
    bench.chain.baseFee = 100n * USUAL_BASE_FEE;
  },
  cancel: async ({ client, random, intents }) => {
    await Promise.all(random.sample(intents, 20).map((intent) => client.cancel(intent)));
  },
};
