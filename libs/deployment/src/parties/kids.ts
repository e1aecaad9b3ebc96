/** The names of those that a deployment has one of. */
export const SUBMITTER = 'submitter';
export const AUDITOR = 'auditor';
export const OPERATOR = 'operator';
/** Who may read what a witness of the audit log needs. */
export const WITNESS = 'witness';
/** The CN of the broker's own certificate, and of the one that may do everything: for preparing the broker only. */
export const BROKER = 'kafka';
export const BROKER_ADMIN = 'kafka-admin';

/** node-1, node-2, ... */
export function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
}
