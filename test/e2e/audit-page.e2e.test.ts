import { type Browser } from 'playwright-core';
import { launchBrowser, Tab } from '../browser/audit-page';
import { chromiumPath } from '../browser/chromium';
import { ForeignClient } from './foreign-client';
import { readStack } from './running-stack';

jest.setTimeout(120_000);

const isSkipped = chromiumPath() === undefined && process.env['QUORATE_NO_SKIP'] !== '1';
if (isSkipped)
  console.warn(
    'NO CHROMIUM: the page of the whole stack is not looked at. Install it, or set CHROMIUM_PATH.',
  );

(isSkipped ? describe.skip : describe)('the audit page of a running stack', () => {
  const stack = readStack();
  const client = new ForeignClient(stack);
  let browser: Browser;

  beforeAll(async () => {
    await client.connect();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await client.close();
    await browser?.close();
  });

  it('follows a payment until it is confirmed, proves it, and shows the nodes', async () => {
    const { url, token, logKeys } = stack.audit;
    const tab = await Tab.open(browser);
    const { page } = tab;
    await page.goto(`${url}/#token=${encodeURIComponent(token)}&key=${encodeURIComponent(logKeys[0] ?? '')}`);
    await page.getByRole('link', { name: /Log verified/ }).waitFor();
    const intent = client.intent();
    await client.send('tx.intents', intent.intentId, intent);
    await client.outcomeOf(intent.intentId, 'accepted');
    await page
      .getByRole('link', { name: intent.intentId.slice(0, 6) })
      .first()
      .click();
    await page.getByRole('heading', { name: 'demo pays 0.001 ETH' }).waitFor();
    await page.locator('.badge.large', { hasText: /Confirmed|Final/ }).waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Verify in your browser' }).click();
    await page.locator('.verify.done.good').waitFor();
    await page.getByRole('link', { name: 'Nodes' }).click();
    for (const node of ['node-1', 'node-2', 'node-3'])
      await page.getByRole('listitem', { name: node }).getByText('Ready').waitFor();
    expect(await page.locator('.card .badge.good').count()).toBe(3);
    expect(tab.errors).toEqual([]);
    await tab.close();
  });
});
