import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Part } from '../../../deploy/embedded/processes/part';
import { type Dishonesty } from '../insider/dishonesty';
import { withVariables } from './with-variables';

const PRELOAD = join(__dirname, '..', 'insider', 'dishonest-rounds.js');

/** Nodes whose own process treats the others as an attacker likes. */
export class CompromisedNodes {
  /** Nodes that have sent wrong messages; what others hold against them is their due. */
  readonly liars = new Set<string>();

  /** @param folder holds one file per node that is dishonest now */
  constructor(
    private readonly folder: string,
    private readonly nodes: readonly string[],
  ) {
    mkdirSync(folder, { recursive: true });
  }

  /** The part, if it is a node, with a back door. */
  lead(part: Part): Part {
    if (!this.nodes.includes(part.name)) return part;
    return withVariables(part, {
      NODE_OPTIONS: `--require ${PRELOAD}`,
      CHAOS_ROUNDS_FILE: this.file(part.name),
    });
  }

  begin(node: string, dishonesty: Dishonesty): void {
    if (dishonesty.how !== 'silence') this.liars.add(node);
    const written = `${this.file(node)}.new`;
    writeFileSync(written, JSON.stringify(dishonesty));
    renameSync(written, this.file(node));
  }

  end(node: string): void {
    rmSync(this.file(node), { force: true });
  }

  endAll(): void {
    for (const node of this.nodes) this.end(node);
  }

  private file(node: string): string {
    return join(this.folder, node);
  }
}
