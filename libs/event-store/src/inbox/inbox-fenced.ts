import { Unavailable } from '@quorate/platform';

/** Somebody else has moved the inbox position: what was done is rolled back, and reading must start from there. */
export class InboxFenced extends Unavailable {
  constructor() {
    super('inbox-fenced', 'The inbox position is not where this batch begins: another consumer handled it');
  }
}
