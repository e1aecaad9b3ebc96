import { spawnSync } from 'node:child_process';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { chromiumPath } from './chromium';

/** Puts the page as it is in the sources into dist/. */
export function bundlePage(): void {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build-page.mjs'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the page cannot be bundled: ${stderr}`);
}

/** @throws when this machine has no Chromium */
export function launchBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error('there is no Chromium: install it, or set CHROMIUM_PATH');
  // Chromium's sandbox does not work for root, as which containers run tests; it shows pages of this repository only.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** A tab with a fresh profile: nothing remembered, nothing pinned. What goes wrong in it is kept. */
export class Tab {
  /** Errors of the page's code, and what its content security policy refused. */
  readonly errors: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      // Chromium notes answers of 4xx by itself.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
        this.errors.push(message.text());
    });
  }

  static async open(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
    context.setDefaultTimeout(15_000);
    return new Tab(context, await context.newPage());
  }

  close(): Promise<void> {
    return this.context.close();
  }

  /** How far the content reaches beyond the right edge, in CSS pixels. */
  overflow(): Promise<number> {
    return this.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  }
}
