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
 * Looks at the bytes of a JSON text without parsing it: how deep it nests, and whether an object has a name twice,
 * which parsers resolve differently. Linear, and safe on bytes that are not JSON (then the result means nothing).
 */
export function scanJson(bytes: Uint8Array, depthLimit: number): JsonScan {
  const names: (Set<string> | undefined)[] = [];
  const duplicates: { name: string; depth: number }[] = [];
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        if (names.length === depthLimit) return { shallow: false, duplicates };
        names.push(bytes[i] === OPEN_OBJECT ? new Set() : undefined);
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        names.pop();
        break;
      case QUOTE: {
        const end = endOfString(bytes, i);
        const members = names.at(-1);
        if (members !== undefined && bytes[skipSpace(bytes, end + 1)] === COLON) {
          const name = decodeName(bytes.subarray(i, end + 1));
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

function endOfString(bytes: Uint8Array, start: number): number {
  let i = start + 1;
  while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
  return i;
}

function skipSpace(bytes: Uint8Array, start: number): number {
  let i = start;
  while (bytes[i] === 0x20 || bytes[i] === 0x0a || bytes[i] === 0x0d || bytes[i] === 0x09) i++;
  return i;
}

/** The name that the quoted bytes spell, so that `"a"` and `"\u0061"` are the same. */
function decodeName(quoted: Uint8Array): string {
  const text = Buffer.from(quoted.buffer, quoted.byteOffset, quoted.byteLength).toString('utf8');
  if (!text.includes('\\')) return text.slice(1, -1);
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}
