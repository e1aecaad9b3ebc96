import { type StoreTransaction } from '@quorate/event-store';
import { type Charge, checkWindow, type Finding, LONGEST_PERIOD_SECONDS } from '@quorate/policy';

/**
 * Amounts are kept in slots of this length, so that a window is read from few rows whatever the load. Everything in a slot
 * counts until its last moment is older than the window: an amount counts for its period and up to one slot more.
 */
export const SLOT_SECONDS = 10;

/** What a request charges, to the windows of a requester. */
export interface Charged {
  readonly account: string;
  readonly charges: readonly Charge[];
}

/** What requesters have used of their windows: what is stored, and what this batch adds. */
export class WindowUsage {
  private constructor(private readonly used: Map<string, bigint>) {}

  static ofNothing(): WindowUsage {
    return new WindowUsage(new Map());
  }

  /** Reads every window that the requests may charge, in one query. */
  static async load(tx: StoreTransaction, requests: readonly Charged[], now: Date): Promise<WindowUsage> {
    const windows = new Map<string, { account: string; meter: string; seconds: number }>();
    for (const { account, charges } of requests) {
      for (const charge of charges) {
        for (const { seconds } of charge.windows) {
          const { meter } = charge;
          windows.set(windowKey(account, meter, seconds), { account, meter, seconds });
        }
      }
    }
    if (windows.size === 0) return WindowUsage.ofNothing();
    const asked = [...windows.values()];
    const rows = await tx.query<{ place: number; used: string }>(
      `SELECT w.place::integer AS place, coalesce(sum(usage.amount), 0)::text AS used
       FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS w(account, meter, since, place)
       LEFT JOIN window_usage usage
         ON usage.account = w.account AND usage.meter = w.meter AND usage.slot >= w.since
       GROUP BY w.place`,
      [
        asked.map(({ account }) => account),
        asked.map(({ meter }) => meter),
        asked.map(({ seconds }) => slotOf(now, -seconds)),
      ],
    );
    const keys = [...windows.keys()];
    return new WindowUsage(new Map(rows.map(({ place, used }) => [keys[place - 1] ?? '', BigInt(used)])));
  }

  /** The first window that has no room for the charges. */
  findBroken({ account, charges }: Charged): Finding | undefined {
    for (const charge of charges) {
      for (const window of charge.windows) {
        const used = this.used.get(windowKey(account, charge.meter, window.seconds)) ?? 0n;
        const found = checkWindow(charge, window, used);
        if (!found.allowed) return found;
      }
    }
    return undefined;
  }

  add({ account, charges }: Charged): void {
    for (const { meter, amount, windows } of charges) {
      for (const { seconds } of windows) {
        const key = windowKey(account, meter, seconds);
        this.used.set(key, (this.used.get(key) ?? 0n) + amount);
      }
    }
  }
}

/** Counts what was charged, and forgets what no window reaches back to. */
export function countCharges(tx: StoreTransaction, requests: readonly Charged[], now: Date): void {
  const sums = new Map<string, { account: string; meter: string; amount: bigint }>();
  for (const { account, charges } of requests) {
    for (const { meter, amount } of charges) {
      const id = `${account}/${meter}`;
      sums.set(id, { account, meter, amount: (sums.get(id)?.amount ?? 0n) + amount });
    }
  }
  if (sums.size === 0) return;
  const counted = [...sums.values()];
  const accounts = counted.map(({ account }) => account);
  const meters = counted.map(({ meter }) => meter);
  tx.write(
    `INSERT INTO window_usage AS before (account, meter, slot, amount)
     SELECT account, meter, $3::bigint, amount
     FROM unnest($1::text[], $2::text[], $4::numeric[]) AS charged(account, meter, amount)
     ON CONFLICT (account, meter, slot) DO UPDATE SET amount = before.amount + excluded.amount`,
    [accounts, meters, slotOf(now, 0), counted.map(({ amount }) => String(amount))],
  );
  tx.write(
    `DELETE FROM window_usage USING unnest($1::text[], $2::text[]) AS charged(account, meter)
     WHERE window_usage.account = charged.account AND window_usage.meter = charged.meter AND slot < $3::bigint`,
    [accounts, meters, slotOf(now, -LONGEST_PERIOD_SECONDS)],
  );
}

/** The slot of a moment `seconds` after `now`, counted from 1970. */
function slotOf(now: Date, seconds: number): number {
  return Math.floor((now.getTime() / 1000 + seconds) / SLOT_SECONDS);
}

function windowKey(account: string, meter: string, seconds: number): string {
  return `${account}/${meter}/${seconds}`;
}
