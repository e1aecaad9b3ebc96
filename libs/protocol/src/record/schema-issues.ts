import { type z } from 'zod';

const ISSUES_LIMIT = 5;

/**
 * A value that is a sign request and an intent at once is neither: who approves its bytes as the one would approve them as
 * the other, and typ approval does not tell which.
 */
export function ambiguityIssues(data: object): string[] {
  const isBoth = Object.hasOwn(data, 'requestId') && Object.hasOwn(data, 'intentId');
  return isBoth
    ? ['it has requestId and intentId: leave out the one that is not of this kind of record']
    : [];
}

/** What is wrong with a value, one sentence per field: its path, and what is expected there. */
export function schemaIssues(error: z.ZodError): string[] {
  return error.issues.slice(0, ISSUES_LIMIT).map((issue) => {
    const path = issue.path.reduce<string>((before, step) => {
      if (typeof step === 'number') return `${before}[${step}]`;
      return before === '' ? String(step) : `${before}.${String(step)}`;
    }, '');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
}
