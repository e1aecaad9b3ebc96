/** What a node may sign: its operator's policy file, read strictly, and the decision on a request. Pure: no I/O, no clock. */
export * from './evaluate';
export * from './policy-file';
