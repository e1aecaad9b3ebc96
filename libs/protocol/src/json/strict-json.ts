import { isUtf8 } from 'node:buffer';
import { JSON_DEPTH_LIMIT } from '../limits';
import { scanJson } from './json-scan';

export type JsonObject = Record<string, unknown>;

export type StrictJson =
  | {
      readonly ok: true;
      readonly data: JsonObject;
      /** What makes the content invalid although it is JSON: empty when there is nothing. */
      readonly problems: readonly string[];
      /** Names that the outermost object has twice: their values are ambiguous. */
      readonly ambiguous: readonly string[];
    }
  | { readonly ok: false; readonly code: 'too-deep' | 'not-utf8' | 'not-json'; readonly reason: string };

const FORBIDDEN_CHARACTERS = /[\u0000\p{Surrogate}]/u; // eslint-disable-line no-control-regex -- U+0000 is what is looked for
/** JSON in UTF-8 holds U+0000 and half surrogate pairs as escapes only, and `__proto__` as it is or escaped. */
const MAY_BE_FORBIDDEN = /\\u|__proto__/;
const PROBLEMS_LIMIT = 8;

/**
 * Parses an object out of UTF-8 JSON: depth is checked on the text before it is parsed, U+0000 and lone surrogates
 * (escaped ones too), duplicate names and `__proto__` are reported as problems. Never throws.
 */
export function readStrictJson(bytes: Uint8Array, depthLimit = JSON_DEPTH_LIMIT): StrictJson {
  if (!isUtf8(bytes)) return { ok: false, code: 'not-utf8', reason: 'the value is not valid UTF-8' };
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const scan = scanJson(text, depthLimit);
  if (!scan.shallow) {
    return { ok: false, code: 'too-deep', reason: `the JSON nests deeper than ${depthLimit} levels` };
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { ok: false, code: 'not-json', reason: 'the value is not JSON' };
  }
  if (!isJsonObject(data)) return { ok: false, code: 'not-json', reason: 'the value is not a JSON object' };
  const problems = scan.duplicates.map(
    ({ name }) => `${show(name)}: appears twice in one object; give it once`,
  );
  if (MAY_BE_FORBIDDEN.test(text)) collectProblems(data, '', problems);
  const ambiguous = scan.duplicates.filter(({ depth }) => depth === 1).map(({ name }) => name);
  return { ok: true, data, problems: problems.slice(0, PROBLEMS_LIMIT), ambiguous };
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function collectProblems(value: unknown, path: string, problems: string[]): void {
  if (problems.length >= PROBLEMS_LIMIT) return;
  if (typeof value === 'string') {
    if (FORBIDDEN_CHARACTERS.test(value)) {
      problems.push(`${path}: must not contain U+0000 or half a surrogate pair`);
    }
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => collectProblems(item, `${path}[${index}]`, problems));
  } else if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      const memberPath = path === '' ? show(name) : `${path}.${show(name)}`;
      if (name === '__proto__') problems.push(`${memberPath}: this name is not allowed`);
      if (FORBIDDEN_CHARACTERS.test(name)) {
        problems.push(`${memberPath}: must not contain U+0000 or half a surrogate pair`);
      }
      collectProblems(member, memberPath, problems);
    }
  }
}

/** A name as it can stand in a message: printable and short. */
function show(name: string): string {
  return /^[A-Za-z0-9_.:-]{1,100}$/.test(name) ? name : JSON.stringify(name.slice(0, 100));
}
