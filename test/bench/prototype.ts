import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What the bench calls of the reference prototype (sim.mjs); its values are opaque. */
export interface Prototype {
  keygen(threshold: number, parties: number): { keys: unknown; ids: number[] };
  presign(keys: unknown, committee: number[], batch: number, gadget: undefined, sid: Buffer): unknown;
}

/**
 * The prototype in this folder; `undefined` without a folder. It finds secp256k1 from the current directory.
 *
 * @throws Error when the folder holds no prototype
 */
export async function loadPrototype(folder: string | undefined): Promise<Prototype | undefined> {
  if (folder === undefined) return undefined;
  const module: unknown = await import(pathToFileURL(join(folder, 'sim.mjs')).href);
  if (!isPrototype(module))
    throw new Error(`${folder} holds no prototype: sim.mjs has no keygen and presign`);
  return module;
}

function isPrototype(module: unknown): module is Prototype {
  return typeof module === 'object' && module !== null && 'keygen' in module && 'presign' in module;
}
