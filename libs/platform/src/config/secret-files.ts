import { readFileSync } from 'node:fs';
import { systemErrorCode } from '../errors/system-error';
import { exposureOf } from './private-file';

type Variables = Readonly<Record<string, string | undefined>>;

/** Settings that may stand in a file, which NAME_FILE names, so that they stand in no environment. */
const IN_FILES = [
  'DATABASE_URL',
  'DATABASE_MIGRATION_URL',
  'KAFKA_SASL_PASSWORD',
  'RPC_URLS',
  'RPC_SEND_URLS',
];

/** Settings that name a file of secrets which is read later. That of tokens is looked at whenever it is read. */
const NAMING_FILES = ['IDENTITY_KEY_FILE', 'SEAL_KEY_FILE', 'GRPC_KEY_FILE'];

/** Who else may use the files of secrets that these variables name, by variable. */
export function exposedFiles(variables: Variables): ReadonlyMap<string, string> {
  const names = [...NAMING_FILES, ...IN_FILES.map((name) => `${name}_FILE`)];
  return new Map(
    names.flatMap((name) => {
      const file = variables[name];
      const exposure = file === undefined ? undefined : exposureOf(file);
      return exposure === undefined ? [] : [[name, exposure] as const];
    }),
  );
}

/**
 * The variables with the content of the files that they name, without white space around it.
 * @returns also why a file could not be used, by the name of the setting
 */
export function secretsFromFiles(variables: Variables): {
  values: Variables;
  unusable: ReadonlyMap<string, string>;
} {
  const values: Record<string, string | undefined> = { ...variables };
  const unusable = new Map<string, string>();
  for (const name of IN_FILES) {
    const file = variables[`${name}_FILE`];
    if (file === undefined) continue;
    const content = contentOf(file);
    if (values[name] !== undefined) unusable.set(name, `set ${name} or ${name}_FILE, not both`);
    else if ('problem' in content) unusable.set(name, content.problem);
    else values[name] = content.text;
  }
  return { values, unusable };
}

function contentOf(file: string): { text: string } | { problem: string } {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return text === '' ? { problem: `${file} is empty` } : { text };
  } catch (error) {
    return { problem: `${file} cannot be read (${systemErrorCode(error) ?? 'unknown reason'})` };
  }
}
