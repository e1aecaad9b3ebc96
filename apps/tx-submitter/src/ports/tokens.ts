/** Injection tokens of the ports whose interfaces are types only. */
export const EVENT_STORE = Symbol('EVENT_STORE');
export const MESSAGE_LOG = Symbol('MESSAGE_LOG');
export const CHAIN = Symbol('CHAIN');
