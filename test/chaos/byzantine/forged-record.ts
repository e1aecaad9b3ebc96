/** A record as whoever has the broker can write it: any bytes on any topic. */
export interface ForgedRecord {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}
