/** Limits of single values: arguments of contract calls, fields of typed data. */
import { z } from 'zod';
import { closestName } from './closest-name';
import { strictObject } from './strict-object';

const INTEGER = /^(0|-?[1-9]\d{0,77})$/;
const INTEGER_EXPECTATION = 'must be an integer as a decimal string, such as "1000000"';

const integer = z.string({ error: INTEGER_EXPECTATION }).regex(INTEGER, { error: INTEGER_EXPECTATION });

/** What a value may be: in a range (integers), or one of these. */
export const argumentLimit = strictObject({
  min: integer.optional(),
  max: integer.optional(),
  oneOf: z
    .array(z.string({ error: 'must be text: numbers as decimal strings, bytes and addresses as 0x-hex' }))
    .min(1, { error: 'must name at least one value' })
    .optional(),
}).refine(({ min, max, oneOf }) => (min ?? max ?? oneOf) !== undefined, {
  error: 'must limit something: give min, max or oneOf',
});
export type ArgumentLimit = z.output<typeof argumentLimit>;

/** Why a limit can never hold for a value of this type; undefined when it can. */
export function limitProblem(limit: ArgumentLimit, type: string): string | undefined {
  const isInteger = /^u?int\d*$/.test(type);
  if (!isInteger && (limit.min ?? limit.max) !== undefined)
    return `min and max are for integers, not for ${type}`;
  for (const value of limit.oneOf ?? []) {
    const problem = valueProblem(value, type);
    if (problem !== undefined) return `oneOf has "${value.slice(0, 80)}": ${problem}`;
  }
  return undefined;
}

/** Why a limit for `name` is a mistake: there is no such parameter. */
export function unknownParameter(name: string, known: readonly string[]): string {
  const meant = closestName(name, known);
  if (meant !== undefined) return `there is no parameter "${name}": did you mean "${meant}"?`;
  return `there is no parameter "${name}": there are ${known.join(', ') || 'none'}`;
}

function valueProblem(value: string, type: string): string | undefined {
  if (/^u?int\d*$/.test(type)) return INTEGER.test(value) ? undefined : INTEGER_EXPECTATION;
  if (type === 'address') return /^0x[0-9a-fA-F]{40}$/.test(value) ? undefined : 'must be an address';
  if (type === 'bool') return /^(true|false)$/.test(value) ? undefined : 'must be "true" or "false"';
  if (type === 'string') return undefined;
  if (/^bytes\d*$/.test(type)) return /^0x([0-9a-fA-F]{2})*$/.test(value) ? undefined : 'must be 0x-hex';
  return `a value of type ${type} cannot be compared: limit a simple parameter`;
}
