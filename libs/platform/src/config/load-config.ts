import { type z } from 'zod';
import { Fatal } from '../errors/errors';
import { exposedFiles, secretsFromFiles } from './secret-files';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the service's variables from the environment, and secrets from the files that it names. An empty value counts as absent. Files
 * of secrets that others can use are refused.
 * @throws Fatal `config` whose message names every wrong or missing variable and what is expected.
 */
export function parseConfig<S extends z.ZodType>(schema: S, env: Environment): z.output<S> {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const { values, unusable } = secretsFromFiles(present);
  const parsed = schema.safeParse(values);
  const exposed = exposedFiles(present);
  if (parsed.success && unusable.size === 0 && exposed.size === 0) return parsed.data;
  const issues = parsed.success ? [] : parsed.error.issues;
  const problems = issues.flatMap((issue) => {
    const name = String(issue.path[0] ?? 'environment');
    if (unusable.has(name)) return [];
    const state = values[name] === undefined ? 'is missing' : 'is wrong';
    return [`  ${name} ${state}: ${issue.message}`];
  });
  for (const [name, problem] of unusable) problems.push(`  ${name}_FILE is wrong: ${problem}`);
  for (const [name, problem] of exposed) problems.push(`  ${name} is wrong: ${problem}`);
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
