import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../deploy/embedded/files/project-root';

/**
 * Writes what a campaign found, as JSON.
 *
 * @param chosen the file that was asked for
 * @param name of the file in .quorate/chaos, when none was
 * @returns where it is
 */
export function writeReport(chosen: string | undefined, name: string, report: unknown): string {
  const file = chosen ?? join(projectRoot(), '.quorate', 'chaos', name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
}
