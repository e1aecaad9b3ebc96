/** Why a call of the API has no answer; `detail` says what to change, in the auditor's own words where it has some. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  /** @param status of HTTP; 0 when nobody answered */
  constructor(
    readonly status: number,
    title: string,
    readonly detail: string,
  ) {
    super(title);
  }

  /** Whether asking again may help, without changing anything. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(
    -1,
    'Something is wrong with this page',
    error instanceof Error ? error.message : String(error),
  );
}
