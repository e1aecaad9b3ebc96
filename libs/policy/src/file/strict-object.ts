import { z } from 'zod';
import { closestName } from './closest-name';

const comment = z.string({ error: 'must be text' }).optional();

/**
 * An object of the policy file. A field that it does not know is an error, because a misspelt limit would limit nothing;
 * `comment` is for whoever reads the file.
 */
export function strictObject<S extends z.ZodRawShape>(shape: S) {
  const known = Object.keys(shape);
  return z.strictObject(
    { ...shape, comment },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys' ? unknownFields(issue.keys, known) : 'must be an object',
    },
  );
}

/** Whether no value occurs twice. */
export function areUnique(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

function unknownFields(names: readonly string[], known: readonly string[]): string {
  return names
    .map((name) => {
      const meant = closestName(name, known);
      return meant === undefined
        ? `there is no field "${name}" here, only ${known.join(', ')}`
        : `there is no field "${name}" here: did you mean "${meant}"?`;
    })
    .join('; ');
}
