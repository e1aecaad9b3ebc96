/** Who may use which key for what. */
import { finding, type Rule } from './rule';

export const key: Rule = (entry, { keyId }) => {
  const allowed = entry.keys.includes('*') || entry.keys.includes(keyId);
  return finding('key', allowed, `${entry.kid} ${may(allowed)} use key ${keyId}`);
};

export const path: Rule = (entry, subject) => {
  const allowed = entry.paths.some((pattern) => matchesPath(pattern, subject.path));
  return finding('path', allowed, `${entry.kid} ${may(allowed)} use path ${subject.path}`);
};

export const rawDigest: Rule = ({ kid, rawDigests }, { payloadKind }) =>
  payloadKind === 'digest'
    ? finding(
        'raw-digest',
        rawDigests,
        `${kid} ${may(rawDigests)} have raw digests signed${rawDigests ? '' : ': sign the content instead'}`,
      )
    : undefined;

export const payloadKind: Rule = (entry, subject) => {
  const allowed = entry.payloadKinds.some((kind) => kind === subject.payloadKind);
  return finding(
    'payload-kind',
    allowed,
    `${entry.kid} ${may(allowed)} have payloads of kind ${subject.payloadKind} signed`,
  );
};

/** `*`, an exact path, or a prefix such as `m/44/60/*`, which means anything below. */
export function matchesPath(pattern: string, subject: string): boolean {
  if (pattern === '*') return true;
  if (pattern.endsWith('/*')) return subject.startsWith(pattern.slice(0, -1));
  return pattern === subject;
}

function may(allowed: boolean): string {
  return allowed ? 'may' : 'may not';
}
