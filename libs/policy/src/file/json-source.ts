import {
  findNodeAtLocation,
  type JSONPath,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';

/** A place in a text: lines and columns from 1. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number;
}

/** The text of a JSON file, to say where in it something is wrong. */
export class JsonSource {
  /** Where the text stops being JSON, and what is wrong there. */
  readonly mistakes: readonly { readonly place: SourcePlace; readonly reason: string }[];
  private readonly root: Node | undefined;

  constructor(private readonly text: string) {
    const errors: ParseError[] = [];
    this.root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
    this.mistakes = errors.map(({ error, offset }) => ({
      place: this.placeOf(offset),
      reason: `this is not JSON: ${inWords(printParseErrorCode(error))}`,
    }));
  }

  /** The place of the value at `path`, or of the nearest object around what is missing. */
  place(path: JSONPath): SourcePlace {
    const node = this.root && findNodeAtLocation(this.root, path);
    if (node !== undefined) return this.placeOf(node.type === 'property' ? node.offset : nameOrValue(node));
    return path.length === 0 ? { line: 1, column: 1 } : this.place(path.slice(0, -1));
  }

  has(path: JSONPath): boolean {
    return this.root !== undefined && findNodeAtLocation(this.root, path) !== undefined;
  }

  /** Names that an object has twice: parsers differ in which of the two values they take. */
  duplicates(): { readonly path: JSONPath; readonly place: SourcePlace }[] {
    const found: { path: JSONPath; place: SourcePlace }[] = [];
    const visit = (node: Node, path: JSONPath): void => {
      const seen = new Set<string>();
      for (const [index, child] of (node.children ?? []).entries()) {
        const [name, value] = child.type === 'property' ? (child.children ?? []) : [];
        if (name === undefined) {
          visit(child, [...path, index]);
          continue;
        }
        const memberPath = [...path, String(name.value)];
        if (seen.has(String(name.value))) found.push({ path: memberPath, place: this.placeOf(name.offset) });
        seen.add(String(name.value));
        if (value !== undefined) visit(value, memberPath);
      }
    };
    if (this.root !== undefined) visit(this.root, []);
    return found;
  }

  private placeOf(offset: number): SourcePlace {
    const before = this.text.slice(0, offset);
    return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
  }
}

/** A member is found by its name, which stands before its value. */
function nameOrValue(node: Node): number {
  return node.parent?.type === 'property' ? node.parent.offset : node.offset;
}

/** `PropertyNameExpected` as `property name expected`. */
function inWords(code: string): string {
  return code.replaceAll(/(?!^)([A-Z])/g, ' $1').toLowerCase();
}
