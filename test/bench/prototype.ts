import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What the bench calls of the reference prototype (v2/sim.mjs); its values are opaque. */
export interface Prototype {
  keygen(threshold: number, parties: number): { keys: unknown; ids: number[] };
  /** @returns presignatures by party */
  presign(
    keys: unknown,
    committee: number[],
    batch: number,
    gadget: undefined,
    sid: Buffer,
  ): Record<number, unknown[]>;
  onlineShare(presignature: unknown, path: number[], message32: Buffer): unknown;
  combine(shares: unknown[]): unknown;
}

const FUNCTIONS: readonly (keyof Prototype)[] = ['keygen', 'presign', 'onlineShare', 'combine'];

/**
 * The prototype in this folder; `undefined` without a folder. It finds secp256k1 from the current directory.
 *
 * @throws Error when the folder holds no prototype
 */
export async function loadPrototype(folder: string | undefined): Promise<Prototype | undefined> {
  if (folder === undefined) return undefined;
  const module: unknown = await import(pathToFileURL(join(folder, 'v2', 'sim.mjs')).href);
  if (!isPrototype(module)) {
    throw new Error(`${folder} holds no prototype: v2/sim.mjs lacks one of ${FUNCTIONS.join(', ')}`);
  }
  return module;
}

function isPrototype(module: unknown): module is Prototype {
  return typeof module === 'object' && module !== null && FUNCTIONS.every((name) => name in module);
}
