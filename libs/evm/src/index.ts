/** Ethereum as the pipeline sees it: transactions and digests read strictly, fees, and single JSON-RPC endpoints. */
export * from './address';
export * from './call-failure';
export * from './fees';
export * from './function-call';
export * from './intent-rules';
export * from './json-rpc-endpoint';
export * from './payload-digest';
export * from './personal-message';
export * from './rpc-error-rules-file';
export * from './rpc-error-table';
export * from './rpc-error-taxonomy';
export * from './send-verdict';
export * from './signed-transaction';
export * from './typed-data';
export { type TypedDataField } from './typed-data-types';
export * from './unsigned-transaction';
