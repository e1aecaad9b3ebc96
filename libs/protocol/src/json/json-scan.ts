const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

export interface JsonScan {
  /** False when arrays and objects nest deeper than the limit; nothing behind that was looked at. */
  readonly shallow: boolean;
  /** Path-less names that an object has twice, with the depth of that object (1 is the outermost). */
  readonly duplicates: readonly { readonly name: string; readonly depth: number }[];
}

/**
 * Looks at a JSON text without parsing it: how deep it nests, and whether an object has a name twice, which parsers
 * resolve differently. Linear, and safe on a text that is not JSON (then the result means nothing).
 */
export function scanJson(text: string, depthLimit: number): JsonScan {
  const names: (Set<string> | undefined)[] = [];
  const duplicates: { name: string; depth: number }[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    switch (character) {
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        if (names.length === depthLimit) return { shallow: false, duplicates };
        names.push(character === OPEN_OBJECT ? new Set() : undefined);
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        names.pop();
        break;
      case QUOTE: {
        const end = endOfString(text, i);
        const members = names.at(-1);
        if (members !== undefined && text.charCodeAt(skipSpace(text, end + 1)) === COLON) {
          const name = decodeName(text.slice(i, end + 1));
          if (members.has(name)) duplicates.push({ name, depth: names.length });
          members.add(name);
        }
        i = end;
        break;
      }
      default:
        break;
    }
  }
  return { shallow: true, duplicates };
}

function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length) {
    const character = text.charCodeAt(i);
    if (character === QUOTE) break;
    i += character === BACKSLASH ? 2 : 1;
  }
  return i;
}

function skipSpace(text: string, start: number): number {
  let i = start;
  while (isSpace(text.charCodeAt(i))) i++;
  return i;
}

function isSpace(character: number): boolean {
  return character === 0x20 || character === 0x0a || character === 0x0d || character === 0x09;
}

/** The name that a JSON string spells, so that `"a"` and `"\u0061"` are the same. */
function decodeName(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
