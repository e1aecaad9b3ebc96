import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Lets `create` fill the folder unless it was filled completely before. What an interrupted attempt left is removed:
 * a half-made database or log folder looks finished to the program that opens it.
 */
export async function createdOnce(folder: string, create: () => Promise<void>): Promise<void> {
  const mark = `${folder}.complete`;
  if (existsSync(mark)) return;
  const left = existsSync(folder) ? await readdir(folder) : [];
  for (const entry of left) await rm(join(folder, entry), { recursive: true, force: true });
  await create();
  await writeFile(mark, '');
}
