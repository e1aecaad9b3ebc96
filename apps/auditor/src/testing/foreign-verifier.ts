/** A verifier that knows the published formats only (RFC 6962, C2SP tlog-tiles and tlog-checkpoint), none of the project's code. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { auditorKey } from './event-writer';

export const sha256 = (...parts: Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962, section 2.1, from the leaves. */
export function rootOf(leaves: readonly Uint8Array[]): Buffer {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), first);
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return sha256(Buffer.of(1), rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

export class ForeignVerifier {
  constructor(private readonly url: string) {}

  /**
   * Reads the whole log by its tiles.
   * @param kept a checkpoint that somebody has kept
   * @returns what is wrong with it, if anything
   */
  async verifyLog(kept?: string): Promise<string | undefined> {
    const note = await this.text('/log/0/checkpoint');
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    const [, name = '', encoded = ''] = /\n\n\u2014 (\S+) (\S+)\n$/.exec(note) ?? [];
    const signature = Buffer.from(encoded, 'base64').subarray(4);
    if (!verify(null, Buffer.from(text), createPublicKey(auditorKey), signature)) return 'signature';
    const [origin, size, root] = text.split('\n');
    if (origin !== name) return 'origin';
    const leaves = await this.leaves(Number(size));
    if (typeof leaves === 'string') return leaves;
    if (rootOf(leaves).toString('base64') !== root) return 'root';
    return kept === undefined ? undefined : contradiction(leaves, kept);
  }

  /** The leaves of the tree of this size, or what is wrong with them. */
  async leaves(size: number): Promise<Buffer[] | string> {
    const leaves: Buffer[] = [];
    for (let n = 0; n * 256 < size; n += 1) {
      const width = Math.min(256, size - n * 256);
      const path = `${String(n).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`;
      const [entries, tile] = [
        await this.bytes(`/log/0/tile/entries/${path}`),
        await this.bytes(`/log/0/tile/0/${path}`),
      ];
      if (entries === undefined || tile === undefined) return `tile ${path} is missing`;
      const bundle = entriesOf(entries);
      if (bundle.length !== width) return `bundle ${path} has ${bundle.length} entries`;
      if (!Buffer.concat(bundle.map((leaf) => sha256(Buffer.of(0), leaf))).equals(tile))
        return `tile ${path} differs`;
      leaves.push(...bundle);
    }
    return leaves;
  }

  async text(path: string): Promise<string> {
    return (await fetch(`${this.url}${path}`)).text();
  }

  /** The leaves in an entry bundle as it is, whatever its tile says. */
  async bundle(path: string): Promise<Buffer[]> {
    return entriesOf((await this.bytes(`/log/0/tile/entries/${path}`)) ?? Buffer.alloc(0));
  }

  private async bytes(path: string): Promise<Buffer | undefined> {
    const answer = await fetch(`${this.url}${path}`);
    return answer.ok ? Buffer.from(await answer.arrayBuffer()) : undefined;
  }
}

function entriesOf(bundle: Buffer): Buffer[] {
  const leaves: Buffer[] = [];
  for (let at = 0; at < bundle.length;) {
    const length = bundle.readUInt16BE(at);
    leaves.push(bundle.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return leaves;
}

function contradiction(leaves: readonly Buffer[], kept: string): string | undefined {
  const [, size = '', root] = kept.split('\n');
  if (leaves.length < Number(size)) return 'shorter than the kept checkpoint';
  const isKept = rootOf(leaves.slice(0, Number(size))).toString('base64') === root;
  return isKept ? undefined : 'not the history of the kept checkpoint';
}
