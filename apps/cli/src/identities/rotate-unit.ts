/**
 * The steps of one unit. Each of them may be repeated after it was cut off anywhere, and is recorded when it is complete: that
 * is how far a command that was killed has come.
 */
import { CommandFailure, EXIT } from '../exit-code';
import { type Stack } from '../stack/stack-file';
import { comeBack, keysOf, leave } from './node-shares';
import { announced } from './pinned-keys';
import { type Places } from './places';
import { type Phase, type Rotation, type RotationFile, type Unit } from './rotation';
import { type Operations, type Services } from './running-services';
import { refreshStackFile } from './stack-document';
import { putInPlace } from './staged-files';
import { identityChange, stageThing } from './things/new-things';
import { readDocument, writeDocument } from './documents';

/** What the services write and read in the moments between two keys must not depend on how short an overlap somebody wants. */
const LEAST_OVERLAP_MS = 15 * 60 * 1000;

export interface Surroundings {
  readonly places: Places;
  readonly stackFile: string;
  /** stack.json as it is now: a rotation changes it. */
  readonly stack: () => Stack;
  readonly roles: ReadonlyMap<string, string>;
  readonly services: Services;
  readonly operations: Operations;
  readonly note: (text: string) => void;
}

type Step = (unit: Unit, rotation: Rotation, around: Surroundings) => Promise<Partial<Unit>>;

/** What is done in a phase, and the phase that it leads to. */
const STEPS: Readonly<Record<Exclude<Phase, 'done'>, { readonly next: Phase; readonly step: Step }>> = {
  waiting: { next: 'staged', step: stageThings },
  staged: { next: 'away', step: takeSharesAway },
  away: { next: 'announced', step: announce },
  announced: { next: 'in-place', step: replaceThings },
  'in-place': { next: 'restarted', step: restart },
  restarted: { next: 'done', step: giveSharesBack },
};

/** Does what is left of the unit. Other units of the rotation stay as they are. */
export async function rotateUnit(index: number, file: RotationFile, around: Surroundings): Promise<void> {
  for (;;) {
    const rotation = file.load();
    const unit = rotation?.units[index];
    if (rotation === undefined || unit === undefined || unit.phase === 'done') return;
    const { next, step } = STEPS[unit.phase];
    const result = await step(unit, rotation, around);
    file.save({ ...rotation, units: rotation.units.with(index, { ...unit, ...result, phase: next }) });
  }
}

async function stageThings({ kids, things }: Unit, _: Rotation, { places, note, ...around }: Surroundings) {
  note(`${kids.join(', ')}: new ${things.join(', ')}`);
  const files: string[] = [];
  for (const thing of things) files.push(...(await stageThing(thing, places, kids)));
  const node = ownIdentityOfNode({ kids, things }, around);
  return { files, ...(node !== undefined && { keys: await keysOf(node, around.stack) }) };
}

async function takeSharesAway({ kids, things, keys = [] }: Unit, _: Rotation, around: Surroundings) {
  const node = ownIdentityOfNode({ kids, things }, around);
  if (node === undefined) return {};
  for (const { keyId } of keys) around.note(`${node}: ${keyId} goes on without it`);
  await leave(node, keys, around.stack);
  return {};
}

async function announce({ kids, things }: Unit, { overlapHours }: Rotation, around: Surroundings) {
  if (!things.includes('identity')) return {};
  const { places, services, note } = around;
  const until = new Date(Date.now() + Math.max(overlapHours * 3_600_000, LEAST_OVERLAP_MS));
  const files = [places.peers, places.requesters, ...places.policies.values()];
  for (const kid of kids) {
    const change = identityChange(places, kid);
    if (change.before.x === change.after.x) continue;
    for (const file of files) {
      const changed = announced(readDocument(file), file, { kid, ...change, until });
      if (changed !== undefined) writeDocument(file, changed);
    }
  }
  note(`${kids.join(', ')}: every service takes the former and the new key`);
  await services.haveInForce([places.peers, places.requesters], places.policies);
  return {};
}

/** The former things are gone from here on: what follows must be done, and can be. */
async function replaceThings(
  { files, things }: Unit,
  _: Rotation,
  { operations, stackFile, places }: Surroundings,
) {
  putInPlace(files);
  refreshStackFile(stackFile, places);
  await operations.apply(things);
  return {};
}

async function restart({ kids }: Unit, _: Rotation, around: Surroundings) {
  const { operations, roles, note, services } = around;
  for (const kid of kids) {
    const role = roles.get(kid);
    if (role === undefined) continue;
    if (role === 'node') await assertSpared(kid, around);
    note(`${kid}: restarting`);
    await operations.restart(kid);
    if (role === 'node') await services.takesWork(kid);
    if (role === 'coordinator') await allConnected(around);
  }
  return {};
}

async function giveSharesBack({ kids, keys = [] }: Unit, _: Rotation, { stack, note }: Surroundings) {
  for (const { keyId } of keys) note(`${kids.join(', ')}: ${keyId} comes back to it`);
  await comeBack(keys, stack);
  return {};
}

/** The node of the unit, when it gets another identity. */
function ownIdentityOfNode(
  { kids: [kid = ''], things }: Pick<Unit, 'kids' | 'things'>,
  { roles }: Pick<Surroundings, 'roles'>,
): string | undefined {
  return roles.get(kid) === 'node' && things.includes('identity') ? kid : undefined;
}

/** @throws CommandFailure `not-ready` when a node would be stopped while another one is away */
async function assertSpared(node: string, { services, roles }: Surroundings): Promise<void> {
  const away = (await services.notReady(node)).filter((kid) => roles.get(kid) === 'node');
  if (away.length === 0) return;
  throw new CommandFailure(
    EXIT.failure,
    'not-ready',
    `${node} is not stopped while ${away.join(', ')} cannot sign: see to that, then go on with \`quorate identities rotate\``,
  );
}

/** A coordinator that has just started knows its nodes when they have dialled it. */
async function allConnected({ roles, services }: Surroundings): Promise<void> {
  for (const [kid, role] of roles) if (role === 'node') await services.takesWork(kid);
}
