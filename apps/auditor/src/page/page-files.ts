import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { Fatal } from '@quorate/platform';

/** A file of the page as it goes out. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
  /** The same, compressed (RFC 7932). */
  readonly brotli: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The bundled page (scripts/bootstrap/page.mjs), read once: a few files that are small and never change. */
export class PageFiles {
  private constructor(
    readonly index: PageFile,
    private readonly assets: ReadonlyMap<string, PageFile>,
  ) {}

  /** @throws Fatal `page` when it was not built. */
  static load(folder = bundleFolder()): PageFiles {
    if (!existsSync(join(folder, 'index.html')))
      throw new Fatal('page', `there is no page in ${folder}: run npm run build`);
    const assets = readdirSync(join(folder, 'assets')).map((name) => join(folder, 'assets', name));
    return new PageFiles(
      read(join(folder, 'index.html')),
      new Map(assets.map((file) => [basename(file), read(file)])),
    );
  }

  /** @param name with the hash of its content */
  asset(name: string): PageFile | undefined {
    return this.assets.get(name);
  }
}

function read(file: string): PageFile {
  const bytes = readFileSync(file);
  const type = TYPES[extname(file)];
  if (type === undefined) throw new Fatal('page', `${file} is of no type that a page has`);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  return { type, bytes, brotli: brotliCompressSync(bytes, quality) };
}

/** In dist/, both for the built auditor and for one that runs from its sources. */
function bundleFolder(): string {
  const root = resolve(__dirname, '../../../..');
  return join(basename(root) === 'dist' ? root : join(root, 'dist'), 'apps/auditor/page');
}
