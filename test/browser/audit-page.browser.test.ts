import { writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type Page, type Route } from 'playwright-core';
import { hash, SENDER } from '../../apps/auditor/src/testing/told-stories';
import { bundlePage, launchBrowser, Tab } from './audit-page';
import { chromiumPath } from './chromium';
import { HOSTILE, showLog, type ShownLog } from './shown-log';

jest.setTimeout(180_000);

/** What the page asks for the story of a request. */
const REQUESTS = '**/v1/requests/*';
const isSkipped = chromiumPath() === undefined && process.env['QUORATE_NO_SKIP'] !== '1';
if (isSkipped)
  console.warn('NO CHROMIUM: the tests of the audit page are SKIPPED. Install it, or set CHROMIUM_PATH.');

let browser: Browser;
let log: ShownLog;
let tab: Tab;
let page: Page;

async function open(options?: Parameters<typeof Tab.open>[1]): Promise<void> {
  tab = await Tab.open(browser, options);
  page = tab.page;
}

/** Answers another JSON than the auditor's. */
async function tamper(pattern: string, change: (answer: Record<string, unknown>) => unknown): Promise<void> {
  await page.route(pattern, async (route: Route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: change((await answer.json()) as Record<string, unknown>) });
  });
}

async function pinKey(): Promise<void> {
  await page.goto(`${log.url}/checkpoint#key=${encodeURIComponent(log.logKey)}`);
  await page.getByRole('link', { name: /Log verified/ }).waitFor();
}

async function verify(): Promise<string> {
  await page.getByRole('button', { name: 'Verify in your browser' }).click();
  await page.locator('.verify.done').waitFor();
  return page.locator('.verify.done').innerText();
}

const alarm = () => page.locator('.alarm');

(isSkipped ? describe.skip : describe)('the audit page', () => {
  beforeAll(async () => {
    bundlePage();
    [browser, log] = await Promise.all([launchBrowser(), showLog()]);
  });
  afterAll(async () => {
    await browser?.close();
    await log?.end();
  });
  beforeEach(() => open());
  afterEach(async () => {
    await tab.close();
    expect(tab.errors).toEqual([]);
  });

  describe('shows', () => {
    it('a transaction from the request to its end, found by whatever is pasted, and verifies it', async () => {
      await pinKey();
      const field = page.getByRole('searchbox');
      for (const pasted of ['payout-77', hash(1_060), ` "${hash(1_030).slice(2).toUpperCase()}"`]) {
        await field.fill(pasted);
        await field.press('Enter');
        await page.waitForURL('**/story/payout-77');
        await page.getByRole('heading', { level: 1, name: 'alice pays 0.25 ETH' }).waitFor();
        await page.goBack();
        await page.waitForURL('**/checkpoint');
      }
      await page.goForward();
      const story = page.getByRole('region', { name: 'Timeline' });
      await story.waitFor();
      for (const phase of ['Request', 'Lane', 'Attempt 1', 'Attempt 2', 'Chain'])
        await story.getByRole('region', { name: phase, exact: true }).waitFor();
      const attempt = await story.getByRole('region', { name: 'Attempt 2' }).innerText();
      expect(attempt).toMatch(/1\.580790232 gwei/);
      expect(attempt).toMatch(/node-1\s+allowed\s+received/);
      expect(attempt).toMatch(/node-3\s+allowed\s+received/);
      expect(attempt).toMatch(/Broadcast/);
      const chain = await story.getByRole('region', { name: 'Chain' }).innerText();
      expect(chain).toMatch(/In a block[^]*19204411[^]*Confirmed[^]*Final/);
      await page.locator('.badge.large', { hasText: 'Final' }).waitFor();
      const result = await verify();
      expect(result).toMatch(/Verified[^]*27 entries/);
      expect(await alarm().count()).toBe(0);
    });

    it('which node refused, by which rule', async () => {
      await page.goto(`${log.url}/story/order-1043`);
      const committee = page.getByRole('table', { name: 'What each node of the committee did' });
      expect(await committee.innerText()).toMatch(
        /node-1\s+refused: raw-digest[^]*node-3\s+refused: raw-digest/,
      );
      await page.locator('.badge.large', { hasText: 'Rejected' }).waitFor();
    });

    it('the latest events, which come by themselves', async () => {
      await page.goto(log.url);
      await page.getByRole('link', { name: 'order-1042', exact: true }).first().waitFor();
      await log.grow('order-2001');
      await page.getByRole('link', { name: 'order-2001', exact: true }).first().waitFor();
    });

    it('the nodes as they last said, and how old that is', async () => {
      await page.goto(`${log.url}/nodes`);
      const card = (node: string) => page.getByRole('listitem', { name: node });
      expect(await card('node-2').innerText()).toMatch(/Not heard from[^]*1 h ago[^]*64/);
      expect(await card('node-1').innerText()).toMatch(/118/);
      expect(await card('node-3').innerText()).toMatch(/Never heard from/);
    });

    it('what to do when there is nothing', async () => {
      await page.goto(`${log.url}/search?q=nothing-like-this`);
      await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
      await page.goto(`${log.url}/story/nothing-like-this`);
      await page.getByText('check the id').waitFor();
    });

    it('what there is as soon as the auditor answers again', async () => {
      await page.route(REQUESTS, (route) => route.abort());
      await page.goto(`${log.url}/story/payout-77`);
      await page.getByRole('button', { name: 'Try again' }).waitFor();
      await page.unroute(REQUESTS);
      await page.getByRole('region', { name: 'Timeline' }).waitFor();
    });

    it('what was refused, when asked to try again', async () => {
      await page.route(REQUESTS, (route) => route.fulfill({ status: 403 }));
      await page.goto(`${log.url}/story/payout-77`);
      // What is read of the log makes the page ask again by itself.
      await page.getByRole('link', { name: 'Key not pinned' }).waitFor();
      await page.getByRole('button', { name: 'Try again' }).waitFor();
      await page.unroute(REQUESTS);
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('region', { name: 'Timeline' }).waitFor();
    });

    it('every story of an account, and takes back to them', async () => {
      await page.goto(`${log.url}/search?q=${SENDER}`);
      const found = page.getByRole('region', { name: 'Events that name this hash or address' });
      await found.getByRole('link', { name: 'order-1042' }).click();
      await page.getByRole('heading', { name: 'alice asks for a signature' }).waitFor();
      await page.goBack();
      await found.getByRole('link', { name: 'payout-77' }).first().waitFor();
    });

    it('all events by filters, in the address', async () => {
      await page.goto(`${log.url}/search`);
      await page.getByRole('combobox', { name: 'Type' }).fill('tx.broadcast');
      await page.getByRole('button', { name: 'Filter' }).click();
      await page.waitForURL('**/search?type=quorate.tx.broadcast.v1');
      await page.locator('.events tbody tr').nth(1).waitFor();
      expect(await page.locator('.events tbody tr').count()).toBe(2);
    });

    it('what others wrote as text, whatever it is', async () => {
      for (const path of ['/', '/story/order-666', `/entry/0/${log.size - 1}`, '/search?q=node-3']) {
        await page.goto(`${log.url}${path}`);
        await page.locator('.events, .raw').first().waitFor();
        expect(await page.evaluate('window.hacked')).toBeUndefined();
        expect(await page.locator('img, main script, iframe').count()).toBe(0);
      }
      await page.goto(`${log.url}/story/order-666`);
      await page.getByRole('region', { name: 'Timeline' }).waitFor();
      const shown = await page.locator('main').innerText();
      expect(shown).toContain(HOSTILE);
      expect(shown).toContain('Entries that no known service signed');
      // Nothing of the forged entry is told as part of the story.
      expect(await page.getByRole('region', { name: 'Timeline' }).innerText()).not.toContain('forged');
    });
  });

  describe('refuses a server that', () => {
    it('proves something else', async () => {
      await pinKey();
      await tamper('**/v1/proofs/inclusion?*', (proof) => ({
        ...proof,
        hashes: [Buffer.alloc(32, 7).toString('base64'), ...(proof['hashes'] as string[]).slice(1)],
      }));
      await page.goto(`${log.url}/story/order-1042`);
      expect(await verify()).toMatch(/Verification failed[^]*does not lead from entry/);
      expect(await alarm().innerText()).toMatch(/This log does not hold what it promised/);
    });

    it('shows something else than it proves', async () => {
      await pinKey();
      await tamper('**/v1/requests/*', (story) => {
        const events = story['events'] as { type: string; data: object }[];
        return {
          ...story,
          events: events.map((event) => ({ ...event, data: { ...event.data, requester: 'mallory' } })),
        };
      });
      await page.goto(`${log.url}/story/order-1042`);
      expect(await verify()).toMatch(/Verification failed[^]*is not what the proved bytes say/);
      await alarm().waitFor();
    });

    it('signs with another key', async () => {
      await pinKey();
      await page.goto(`${log.url}/checkpoint`);
      const other = 'quorate.local/auditor/log/0+8b0f2a63+';
      expect(log.logKey.startsWith(other)).toBe(false);
      await tamperCheckpoint((note) =>
        note.replace(/ (\S+)\n$/, (_, signature: string) => ` ${swapped(signature)}\n`),
      );
      await page.goto(`${log.url}/checkpoint`);
      await alarm().waitFor();
      expect(await alarm().innerText()).toMatch(/signature of quorate\.local\/auditor\/log\/0 is wrong/);
    });

    it('shows another history than before, without any key', async () => {
      await page.goto(`${log.url}/checkpoint`);
      await page.getByText('first time').waitFor();
      await tamperCheckpoint((note) => {
        const [origin, size, , ...rest] = note.split('\n');
        return [origin, size, Buffer.alloc(32, 1).toString('base64'), ...rest].join('\n');
      });
      await page.goto(log.url);
      await alarm().waitFor();
      expect(await alarm().innerText()).toMatch(/two histories/);
      // It stays, also when the server behaves again, until somebody begins anew.
      await page.unrouteAll();
      await page.reload();
      await alarm().waitFor();
      await page.getByRole('button', { name: 'Forget the old log and begin anew' }).click();
      await alarm().waitFor({ state: 'detached' });
      await page.getByRole('link', { name: /Key not pinned/ }).waitFor();
    });

    it('has lost entries that this browser saw', async () => {
      await page.goto(`${log.url}/checkpoint`);
      await page.getByText('first time').waitFor();
      await page.route('**/v1/proofs/consistency?*', (route) =>
        route.fulfill({
          status: 404,
          contentType: 'application/problem+json',
          body: '{"title":"There is no such thing"}',
        }),
      );
      await tamperCheckpoint((note) => note.replace(/\n\d+\n/, '\n7\n'));
      await page.goto(log.url);
      await alarm().waitFor();
      expect(await alarm().innerText()).toMatch(/has become shorter: it has 7 entries/);
    });

    async function tamperCheckpoint(change: (note: string) => string): Promise<void> {
      await page.route('**/v1/checkpoint?*', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, body: change(await answer.text()) });
      });
    }
    function swapped(signature: string): string {
      const bytes = Buffer.from(signature, 'base64');
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      return bytes.toString('base64');
    }
  });

  it('keeps the pinned key when a link brings another one, and asks', async () => {
    await pinKey();
    const other = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    await page.goto(`${log.url}/checkpoint#key=${other}`);
    await page.getByText('A link brought another key of the log').waitFor();
    expect(page.url()).not.toContain('key=');
    await page.getByRole('button', { name: 'Keep the old one' }).click();
    await page.getByRole('link', { name: /Log verified/ }).waitFor();
  });

  describe('can be used', () => {
    it('with a keyboard only', async () => {
      await page.goto(log.url);
      await page.locator('.events tbody tr').first().waitFor();
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('content');
      await page.keyboard.press('/');
      expect(await page.evaluate('document.activeElement.id')).toBe('search');
      await page.keyboard.type('order-1042');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/story/order-1042');
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await focused()).toMatch(/alice asks for a signature/);
      for (let n = 0; n < 3 && (await focused()) !== 'Verify in your browser'; n += 1)
        await page.keyboard.press('Tab');
      expect(await focused()).toBe('Verify in your browser');
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
      await page.keyboard.press('Enter');
      await page.locator('.verify.done').waitFor();
    });

    it.each([360, 768, 1280])('at a width of %i without scrolling sideways, in every view', async (width) => {
      await page.setViewportSize({ width, height: 780 });
      for (const path of [
        ...['/', '/story/payout-77', '/story/order-1043', '/story/order-666', `/entry/0/${log.size - 1}`],
        ...[
          '/checkpoint',
          '/nodes',
          '/search',
          '/search?q=node-1',
          '/search?q=nothing-like-this',
          '/nowhere',
        ],
      ]) {
        const answer = await page.goto(`${log.url}${path}`);
        if (answer?.status() === 404) continue;
        await page.getByRole('heading', { level: 1 }).waitFor();
        expect([path, await tab.overflow()]).toEqual([path, 0]);
      }
    });

    it.each(['light', 'dark'] as const)('in %s, with texts that can be read', async (colorScheme) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const path of ['/', '/story/payout-77', '/story/order-1043', '/checkpoint', '/nodes', '/search']) {
        await page.goto(`${log.url}${path}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        expect([path, await page.evaluate(faintTexts)]).toEqual([path, []]);
        expect([path, await page.evaluate(namelessControls)]).toEqual([path, []]);
      }
      const ground = await page.evaluate<string>(
        'getComputedStyle(document.documentElement).backgroundColor',
      );
      const brightness = Number(/\d+/.exec(ground)?.[0]);
      expect(colorScheme === 'dark' ? brightness < 60 : brightness > 200).toBe(true);
    });

    const focused = () =>
      page.evaluate<string>('document.activeElement.innerText ?? ""').then((text) => text.trim());
  });

  it('is served with rules that let nothing else run', async () => {
    const answer = await page.goto(`${log.url}/story/order-1042`);
    const headers = answer?.headers() ?? {};
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    const html = (await answer?.text()) ?? '';
    const [, script = ''] = /src="([^"]+\.js)"/.exec(html) ?? [];
    const file = await fetch(`${log.url}${script}`, { headers: { 'accept-encoding': 'br' } });
    expect(file.headers.get('cache-control')).toMatch(/immutable/);
    expect(Number(file.headers.get('content-length'))).toBeLessThan(60_000);
    expect((await fetch(`${log.url}/assets/..%2findex.html`)).status).toBe(404);
    const requests: string[] = [];
    page.on('request', (request) => requests.push(new URL(request.url()).origin));
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect([...new Set(requests)]).toEqual([new URL(log.url).origin]);
  });
});

(isSkipped ? describe.skip : describe)('the audit page of an auditor that wants tokens', () => {
  const token = 'a-token-for-the-browser-test';
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-tokens-'));
    const file = join(folder, 'tokens.json');
    const sha256 = createHash('sha256').update(token).digest('hex');
    writeFileSync(file, JSON.stringify({ tokens: [{ name: 'people', sha256, roles: ['reader'] }] }), {
      mode: 0o600,
    });
    [browser, log] = await Promise.all([launchBrowser(), showLog({ HTTP_TOKENS_FILE: file })]);
  });
  afterAll(async () => {
    await browser?.close();
    await log?.end();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => open());
  afterEach(() => tab.close());

  it('asks for one, says when it is wrong, and forgets it with the tab', async () => {
    await page.goto(`${log.url}/story/order-1042`);
    const field = page.getByLabel('Token');
    await field.fill('not-the-token');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('The auditor did not take the token').waitFor();
    await field.fill(token);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('region', { name: 'Timeline' }).waitFor();
    expect(await verify()).toMatch(/Partly verified|Verified/);
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(token);
    const another = await tab.context.newPage();
    await another.goto(log.url);
    await another.getByLabel('Token').waitFor();
  });

  it('takes one out of a link, and the link out of the address', async () => {
    await page.goto(`${log.url}/story/order-1042#token=${token}&key=${encodeURIComponent(log.logKey)}`);
    await page.getByRole('region', { name: 'Timeline' }).waitFor();
    expect(page.url()).toBe(`${log.url}/story/order-1042`);
    await page.getByRole('link', { name: /Log verified/ }).waitFor();
  });
});

/** Texts whose contrast with what is behind them is below 4.5 (3 for large ones): WCAG 2.2, 1.4.3. Runs in the page. */
const faintTexts = `(() => {
  const channels = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, a = 1] = channels(getComputedStyle(at).backgroundColor);
      if (a > 0.99) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll('body *')) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    const style = getComputedStyle(element);
    if (!hasText || element.closest('.hidden, .skip, noscript, script') || element.getClientRects().length === 0) continue;
    const [bright, dark] = [luminance(channels(style.color)), luminance(behind(element))].sort((a, b) => b - a);
    const ratio = (bright + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) faint.push(element.className + ' "' + element.textContent.trim().slice(0, 30) + '" ' + ratio.toFixed(2));
  }
  return [...new Set(faint)];
})()`;

/** Controls without a name, images without a text, ids that occur twice, landmarks that are missing. Runs in the page. */
const namelessControls = `(() => {
  const found = [];
  for (const control of document.querySelectorAll('a[href], button, input, textarea, select, meter:not([aria-hidden]), progress')) {
    const label = control.labels?.[0]?.textContent ?? '';
    const name = control.getAttribute('aria-label') ?? (label || control.textContent);
    if (name.trim() === '') found.push('no name: ' + control.outerHTML.slice(0, 80));
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) found.push('twice: ' + id);
  for (const landmark of ['header', 'main', 'nav', 'footer', '[role=search]'])
    if (document.querySelectorAll(landmark).length !== 1) found.push('not once: ' + landmark);
  if (document.querySelectorAll('h1').length !== 1) found.push('not one h1');
  if (document.documentElement.lang !== 'en') found.push('no language');
  for (const table of document.querySelectorAll('table')) if (!table.caption) found.push('a table without caption');
  for (const svg of document.querySelectorAll('svg')) if (svg.getAttribute('aria-hidden') !== 'true') found.push('an icon that is read');
  return found;
})()`;
