import { type z } from 'zod';
import { Fatal } from '../errors/errors';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the service's variables from the environment. An empty value counts as absent.
 * @throws Fatal `config` whose message names every wrong or missing variable and what is expected.
 */
export function parseConfig<S extends z.ZodType>(schema: S, env: Environment): z.output<S> {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? 'environment');
    const state = present[name] === undefined ? 'is missing' : 'is wrong';
    return `  ${name} ${state}: ${issue.message}`;
  });
  throw new Fatal('config', `The configuration is not complete:\n${problems.join('\n')}`);
}

/** Like `parseConfig`, but prints what is wrong to stderr and ends the process with status 1. */
export function loadConfig<S extends z.ZodType>(schema: S, env: Environment = process.env): z.output<S> {
  try {
    return parseConfig(schema, env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
