/** Rows by their stream, in their order. */
export function byStream<Row extends { readonly streamId: string }>(
  rows: readonly Row[],
): Map<string, Row[]> {
  const streams = new Map<string, Row[]>();
  for (const row of rows) {
    const known = streams.get(row.streamId);
    if (known === undefined) streams.set(row.streamId, [row]);
    else known.push(row);
  }
  return streams;
}
