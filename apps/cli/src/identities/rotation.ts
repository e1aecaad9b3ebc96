/** What a rotation has to do and how far it is: a file, so that a command that was killed goes on where it stopped. */
import { existsSync, rmSync } from 'node:fs';
import { prettyJson, writeWhole } from '@quorate/deployment';
import { readJsonFile } from '@quorate/platform';
import { z } from 'zod';
import { CommandFailure, EXIT } from '../exit-code';

export const THINGS = ['identity', 'tls', 'kafka', 'database', 'tokens'] as const;
export type Thing = (typeof THINGS)[number];

/**
 * How far a unit is, in this order:
 * - `waiting`: nothing has been done.
 * - `staged`: what is new lies beside what is in use.
 * - `away`: the node, if it is one and gets an identity, holds no shares any more.
 * - `announced`: everybody who pins the identity takes both keys.
 * - `in-place`: what is new has taken the place of what was in use; broker and database know it.
 * - `restarted`: the services work with it.
 * - `done`: the node holds shares again.
 */
export const PHASES = ['waiting', 'staged', 'away', 'announced', 'in-place', 'restarted', 'done'] as const;
export type Phase = (typeof PHASES)[number];

const heldKey = z.object({ keyId: z.string(), participants: z.array(z.string()) });
/** A key of which a node gave its share away, and who shall hold it again. */
export type HeldKey = z.output<typeof heldKey>;

const unit = z.object({
  /** Who is replaced together, because they share something. */
  kids: z.array(z.string()).min(1),
  things: z.array(z.enum(THINGS)),
  phase: z.enum(PHASES),
  /** Files in use that have a new one beside them, since `staged`. */
  files: z.array(z.string()),
  /** Of a node, since before its shares went away. */
  keys: z.array(heldKey).optional(),
});
export type Unit = z.output<typeof unit>;

const rotationFile = z.object({
  version: z.literal(1),
  startedAt: z.iso.datetime(),
  overlapHours: z.number(),
  units: z.array(unit),
});
export type Rotation = z.output<typeof rotationFile>;

/** The rotation under way in a file, if there is one. */
export class RotationFile {
  constructor(private readonly path: string) {}

  load(): Rotation | undefined {
    return existsSync(this.path) ? readJsonFile(this.path, rotationFile) : undefined;
  }

  save(rotation: Rotation): void {
    writeWhole(this.path, prettyJson(rotation), { secret: true });
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}

/**
 * The rotation under way; a new one of `wanted` where there is none.
 * @throws CommandFailure `rotation-open` when another one is under way
 */
export function openRotation(
  file: RotationFile,
  wanted: readonly Pick<Unit, 'kids' | 'things'>[],
  isResume: boolean,
  overlapHours: number,
): Rotation {
  const open = file.load();
  const named = (units: readonly Pick<Unit, 'kids' | 'things'>[]) =>
    JSON.stringify(units.map(({ kids, things }) => [kids, things]));
  const isSame = open !== undefined && (isResume || named(open.units) === named(wanted));
  // What nobody has begun may be another thing now.
  const isUntouched = open?.units.every(({ phase }) => phase === 'waiting' || phase === 'done') ?? true;
  if (open === undefined || (isUntouched && !isSame)) {
    const units = wanted.map((entry) => ({ ...entry, phase: 'waiting' as const, files: [] }));
    const rotation = { version: 1 as const, startedAt: new Date().toISOString(), overlapHours, units };
    file.save(rotation);
    return rotation;
  }
  if (isSame) return open;
  const left = open.units.filter(({ phase }) => phase !== 'done').flatMap(({ kids }) => kids);
  throw new CommandFailure(
    EXIT.failure,
    'rotation-open',
    `a rotation of ${left.join(', ')} that began at ${open.startedAt} is not complete: \`quorate identities rotate\` goes on with it`,
  );
}
