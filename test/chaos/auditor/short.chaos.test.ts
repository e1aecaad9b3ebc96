import { shortCampaign } from '../short-campaign';

interface Report {
  killedAt: number[];
  whileStarting: number;
  checkpoints: number;
  violations: string[];
}

const EVENTS = 12_000;
const KILLS = 4;

jest.setTimeout(300_000);

it('loses and doubles nothing when the auditor is killed while it takes events in', async () => {
  const { killedAt, whileStarting, checkpoints, violations } = (await shortCampaign(
    `auditor --events ${EVENTS} --kills ${KILLS} --seed 1`.split(' '),
  )) as Report;
  expect(violations).toEqual([]);
  expect(killedAt).toHaveLength(KILLS);
  expect(whileStarting).toBe(1);
  expect(new Set(killedAt.filter((size) => size > 0 && size < EVENTS)).size).toBeGreaterThanOrEqual(2);
  expect(checkpoints).toBeGreaterThan(KILLS);
});
