import { type z } from 'zod';

const ISSUES_LIMIT = 5;

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
