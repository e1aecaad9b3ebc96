import { Invalid, Unavailable } from '@quorate/platform';
import { z } from 'zod';

const problem = z.object({ detail: z.string() });

/** What an auditor answered instead of what was asked for, in its own words; `unavailable` where the same may succeed later. */
export async function refusalOf(response: Response): Promise<Invalid | Unavailable> {
  const { url, status } = response;
  const message = `${url} answers ${status}: ${words(await response.text())}`;
  return status >= 500 || status === 429 ? new Unavailable('audit', message) : new Invalid('audit', message);
}

function words(body: string): string {
  try {
    return problem.parse(JSON.parse(body)).detail;
  } catch {
    return body.slice(0, 300);
  }
}
