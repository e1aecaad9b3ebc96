import { z } from 'zod';

const SECONDS = { m: 60, h: 3600, d: 86_400 } as const;
/** Longest sliding window, in seconds: what a node has signed is remembered this long. */
export const LONGEST_PERIOD_SECONDS = 31 * SECONDS.d;

const EXPECTATION = 'must be a period from "1m" to "31d", such as "90m", "24h" or "7d"';

/** The length of a sliding window: minutes, hours or days. */
export const period = z
  .string({ error: EXPECTATION })
  .regex(/^[1-9]\d{0,4}[mhd]$/, { error: EXPECTATION, abort: true })
  .refine((text) => secondsOf(text) <= LONGEST_PERIOD_SECONDS, { error: EXPECTATION });

/** @param text of a `period` */
export function secondsOf(text: string): number {
  const unit = text.endsWith('m') ? SECONDS.m : text.endsWith('h') ? SECONDS.h : SECONDS.d;
  return Number(text.slice(0, -1)) * unit;
}
