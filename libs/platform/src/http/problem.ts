import { HttpException } from '@nestjs/common';

/** An RFC 9457 problem document. `type` is one of the types that the service documents. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What is wrong with this call, and what to change. */
  readonly detail: string;
  readonly [extension: string]: unknown;
}

/** Throw it in a controller: `ProblemFilter` answers with the document as application/problem+json. */
export class Problem extends HttpException {
  /** @param headers that go with the answer */
  constructor(
    readonly document: ProblemDocument,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(document, document.status);
  }
}

const URN = 'urn:quorate:problem:';

/** The documented problem types that every HTTP API of the project shares. */
export const problems = {
  invalidParameter: (detail: string, parameter?: string): Problem =>
    new Problem({
      type: `${URN}invalid-parameter`,
      title: 'A parameter is not valid',
      status: 400,
      detail,
      ...(parameter === undefined ? {} : { parameter }),
    }),
  /** @param tooLong whether the request line or a header is longer than Node.js takes */
  unreadable: (tooLong: boolean): Problem =>
    new Problem({
      type: `${URN}invalid-parameter`,
      title: 'The request cannot be read',
      status: tooLong ? 431 : 400,
      detail: tooLong ? 'URL and headers are too long: ask for less at once' : 'This is not HTTP/1.1',
    }),
  notFound: (detail: string): Problem =>
    new Problem({ type: `${URN}not-found`, title: 'There is no such thing', status: 404, detail }),
  methodNotAllowed: (detail: string, allowed: readonly string[]): Problem =>
    new Problem(
      { type: `${URN}method-not-allowed`, title: 'Method not allowed', status: 405, detail },
      { allow: allowed.join(', ') },
    ),
  notAcceptable: (detail: string): Problem =>
    new Problem({ type: `${URN}not-acceptable`, title: 'No such form of the answer', status: 406, detail }),
  conflict: (detail: string): Problem =>
    new Problem({ type: `${URN}conflict`, title: 'The state does not allow this', status: 409, detail }),
  /** @param challenge the header WWW-Authenticate (RFC 6750, section 3) */
  unauthenticated: (detail: string, challenge: string): Problem =>
    new Problem(
      { type: `${URN}unauthenticated`, title: 'A valid token is needed', status: 401, detail },
      { 'www-authenticate': challenge },
    ),
  refused: (detail: string, headers: Readonly<Record<string, string>> = {}): Problem =>
    new Problem({ type: `${URN}refused`, title: 'Not allowed', status: 403, detail }, headers),
  /** @param waitSeconds until it is worth to try again */
  tooManyRequests: (detail: string, waitSeconds: number): Problem => {
    const seconds = Math.max(1, Math.ceil(waitSeconds));
    const title = 'Too much at once';
    return new Problem(
      { type: `${URN}too-many-requests`, title, status: 429, detail: `${detail}: try again in ${seconds} s` },
      { 'retry-after': String(seconds) },
    );
  },
  unavailable: (detail: string): Problem =>
    new Problem({ type: `${URN}unavailable`, title: 'Not available at the moment', status: 503, detail }),
  unexpected: (detail: string): Problem =>
    new Problem({ type: `${URN}unexpected`, title: 'The service failed', status: 500, detail }),
} as const;

/** What the types above mean, for the description of every API. */
export const PROBLEM_TYPES: Readonly<Record<string, string>> = {
  [`${URN}invalid-parameter`]: '400, 431: a parameter is unknown or has a wrong value; detail says which.',
  [`${URN}unauthenticated`]: '401: no token, or none that is known.',
  [`${URN}refused`]: '403: the token lacks the role that detail names.',
  [`${URN}not-found`]: '404: the id is unknown, or there is nothing at this path.',
  [`${URN}method-not-allowed`]: '405: the header Allow says which methods there are.',
  [`${URN}not-acceptable`]: '406: the header Accept excludes JSON.',
  [`${URN}conflict`]: '409: what is asked for cannot be done any more, or not now; detail says why.',
  [`${URN}too-many-requests`]: '429: too many calls, wrong tokens or exports at once; see Retry-After.',
  [`${URN}unexpected`]: '500: the service failed; its log says why.',
  [`${URN}unavailable`]: '503: the database is away; try again.',
};
