/** Limits of interfaces.md, in bytes unless said otherwise; all are checked before anything is parsed. */
export const KIB = 1024;
export const MIB = 1024 * KIB;

/** Value of a record that a client wrote. */
export const CLIENT_VALUE_LIMIT = 128 * KIB;
/** Value of a `tx-amend` record. */
export const AMENDMENT_VALUE_LIMIT = 4 * KIB;
/** Amendments per intent. */
export const AMENDMENTS_PER_INTENT = 8;
/** Value of a sign request of a requester with role `submitter` (it carries the client's intent). */
export const SUBMITTER_VALUE_LIMIT = 384 * KIB;
/** Value of a record that a service wrote. */
export const SERVICE_VALUE_LIMIT = 640 * KIB;
/** Nesting of arrays and objects in a value. */
export const JSON_DEPTH_LIMIT = 32;
/** Characters of one detached JWS. */
export const JWS_LENGTH_LIMIT = 1024;
/** Approvals that one request may carry. */
export const APPROVALS_LIMIT = 16;

/** `max.message.bytes` of mpc.requests and tx.intents, so that what is too large is answered and not lost. */
export const CLIENT_TOPIC_RECORD_LIMIT = 4 * MIB;
/** `max.message.bytes` of mpc.rounds.NODE. */
export const ROUNDS_TOPIC_RECORD_LIMIT = 8 * MIB;
/** `max.message.bytes` of dead-letters: the largest record, plus what the dl_* headers need. */
export const DEAD_LETTER_RECORD_LIMIT = ROUNDS_TOPIC_RECORD_LIMIT + 64 * KIB;

/** How far ahead `expiresAt` of a request may lie, in milliseconds. */
export const MAX_EXPIRY_AHEAD_MS = 24 * 60 * 60 * 1000;
