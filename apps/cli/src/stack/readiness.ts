import { z } from 'zod';

const readyz = z.object({
  parts: z.array(z.object({ name: z.string(), ready: z.boolean(), reason: z.string().optional() })),
});

/** What a service says of itself; undefined when it says nothing. */
export type Readiness = { ready: boolean; reason: string } | undefined;

/** Asks `/readyz` of a service. @param health where it serves it */
export async function readinessOf(health: string): Promise<Readiness> {
  const response = await fetch(new URL('/readyz', health), { signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  );
  if (response === undefined) return undefined;
  const parsed = readyz.safeParse(await response.json().catch(() => undefined));
  const missing = response.ok || !parsed.success ? [] : parsed.data.parts.filter(({ ready }) => !ready);
  const reason = missing.map((part) => `${part.name}: ${part.reason ?? 'not ready'}`).join('; ');
  return { ready: response.ok, reason };
}
