/** How much memory the export of a whole log takes of the auditor, and how long. */
import { readFileSync } from 'node:fs';
import { type AuditStack } from './audit-stack';

const LOOK_MS = 20;
const MIB = 2 ** 20;

export interface ExportResult {
  readonly format: 'jsonl' | 'csv';
  readonly entries: number;
  readonly seconds: number;
  readonly mebibytes: number;
  /** Resident memory of the auditor in MiB: before, and the most while the export ran. */
  readonly residentBefore: number;
  readonly residentMost: number;
}

/** Receives an export as fast as it comes. */
export async function measureExport(
  stack: AuditStack,
  format: ExportResult['format'],
): Promise<ExportResult> {
  const pid = stack.processes()['auditor']?.pid;
  const resident = (): number => {
    const [, kibibytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kibibytes) / 1024;
  };
  const residentBefore = resident();
  let [residentMost, bytes, lines] = [residentBefore, 0, 0];
  const watch = setInterval(() => (residentMost = Math.max(residentMost, resident())), LOOK_MS);
  try {
    const began = performance.now();
    const { body } = await fetch(`${stack.url}/v1/export?format=${format}`);
    if (body === null) throw new Error('the export has no body');
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      for (const byte of chunk) if (byte === 0x0a) lines += 1;
    }
    const seconds = (performance.now() - began) / 1000;
    const entries = format === 'csv' ? lines - 1 : lines;
    return { format, entries, seconds, mebibytes: bytes / MIB, residentBefore, residentMost };
  } finally {
    clearInterval(watch);
  }
}
