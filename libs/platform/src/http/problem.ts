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
  constructor(readonly document: ProblemDocument) {
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
  notFound: (detail: string): Problem =>
    new Problem({ type: `${URN}not-found`, title: 'There is no such thing', status: 404, detail }),
  methodNotAllowed: (detail: string): Problem =>
    new Problem({ type: `${URN}method-not-allowed`, title: 'Method not allowed', status: 405, detail }),
  conflict: (detail: string): Problem =>
    new Problem({ type: `${URN}conflict`, title: 'The state does not allow this', status: 409, detail }),
  refused: (detail: string): Problem =>
    new Problem({ type: `${URN}refused`, title: 'Not allowed', status: 403, detail }),
  unavailable: (detail: string): Problem =>
    new Problem({ type: `${URN}unavailable`, title: 'Not available at the moment', status: 503, detail }),
  unexpected: (detail: string): Problem =>
    new Problem({ type: `${URN}unexpected`, title: 'The service failed', status: 500, detail }),
} as const;
