import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** Where the program writes: people read text, programs read one JSON document (`--json`). */
export interface Output {
  readonly json: boolean;
  /** The result of a command: `text` for people, `document` with --json. */
  result(document: object, text: () => string): void;
  /** Progress for people; nothing with --json or when the output is not a terminal. */
  note(text: string): void;
  /** Coloured on a terminal only. */
  paint(style: Style, text: string): string;
}

interface Stream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export function terminalOutput(
  json: boolean,
  stdout: Stream = process.stdout,
  stderr: Stream = process.stderr,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Output {
  const coloured = stdout.isTTY === true && !env['NO_COLOR'];
  return {
    json,
    result: (document, text) => stdout.write(`${json ? JSON.stringify(document, null, 2) : text()}\n`),
    note: (text) => {
      if (!json && stderr.isTTY === true) stderr.write(`${text}\n`);
    },
    paint: (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text),
  };
}
