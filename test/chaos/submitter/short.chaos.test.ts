import { shortCampaign } from '../short-campaign';

/** All of them strike in the three runs from this seed on; one is a kill right after intents were committed (K2). */
const KINDS =
  'kill,kill-at-point,freeze,uncertain-sends,refused-sends,wrong-head,outage,fee-spike,reorg,foreign-nonce,' +
  'lying-signers,refusing-signers,late-after-cancel';
const RUNS = 3;
const INTENTS = 180;
const OPTIONS = `--seed 3 --seeds ${RUNS} --intents ${INTENTS} --faults 5 --kinds ${KINDS}`.split(' ');

interface Report {
  runs: number;
  intents: number;
  outcomes: Record<string, number>;
  faults: Record<string, number>;
  kills: number;
  endings: unknown[];
  violated: { seed: number; violations: unknown[]; folder: string }[];
}

jest.setTimeout(600_000);

it('executes every intent once, or never when it says so, through the faults of three runs', async () => {
  const { runs, intents, outcomes, faults, kills, endings, violated } = (await shortCampaign([
    'submitter',
    ...OPTIONS,
  ])) as Report;
  expect(violated).toEqual([]);
  expect(endings).toEqual([]);
  expect({ runs, intents }).toEqual({ runs: RUNS, intents: RUNS * INTENTS });
  expect(Object.keys(faults).sort()).toEqual(KINDS.split(',').sort());
  expect(kills).toBeGreaterThanOrEqual(2);
  expect(outcomes['finalized']).toBeGreaterThan(400);
});
