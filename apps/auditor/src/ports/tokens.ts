/** Injection tokens of the libraries' parts. */
export const EVENT_STORE = Symbol('EVENT_STORE');
export const LOG_SOURCES = Symbol('LOG_SOURCES');
export const MESSAGE_LOG = Symbol('MESSAGE_LOG');
export const RECORD_SIGNER = Symbol('RECORD_SIGNER');
