import { shortCampaign } from './short-campaign';

/** Among their faults: kills, a partition, a changed record, a frozen and a silent node, a refresh while faults strike. */
const SEEDS = ['--seed', '1', '--seeds', '3'];

interface Report {
  runs: number;
  outcomes: Record<string, number>;
  violated: { seed: number; violations: unknown[]; folder: string }[];
}

jest.setTimeout(600_000);

it('keeps every promise through the faults of three seeds', async () => {
  const { runs, outcomes, violated } = (await shortCampaign(SEEDS)) as Report;
  expect(violated).toEqual([]);
  expect(runs).toBe(3);
  expect(outcomes['completed']).toBeGreaterThan(30);
});
