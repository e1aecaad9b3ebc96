import { stripVTControlCharacters } from 'node:util';

/** Rows in aligned columns, two spaces apart; colours do not count as width. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, place) => (widths[place] = Math.max(widths[place] ?? 0, widthOf(cell))));
  }
  return rows
    .map((row) =>
      row
        .map((cell, place) => cell + ' '.repeat((widths[place] ?? 0) - widthOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Names and values below each other; pairs without a value are left out. */
export function facts(pairs: readonly (readonly [string, string | number | null | undefined])[]): string {
  return columns(
    pairs.flatMap(([name, value]) =>
      value === null || value === undefined || value === '' ? [] : [[name, String(value)]],
    ),
  );
}

/** `quorate.sign.completed.v1` as people say it: `sign.completed`. */
export function shortType(type: string | null): string {
  return type === null ? 'unreadable' : type.replace(/^quorate\./, '').replace(/\.v\d+$/, '');
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
