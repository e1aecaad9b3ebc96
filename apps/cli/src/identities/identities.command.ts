import { Command, Option } from 'commander';
import { contextOf, type Context } from '../context';
import { usageError } from '../exit-code';
import { loadStack, type Stack } from '../stack/stack-file';
import { columns } from '../terminal/layout';
import { listOf, wholeNumber } from '../terminal/option-values';
import { finishRotation } from './finish';
import { holdRotation } from './hold-rotation';
import { type Listed, listThings } from './list';
import { placesOf } from './places';
import { openRotation, type Rotation, RotationFile, type Thing, THINGS } from './rotation';
import { rotateUnit, type Surroundings } from './rotate-unit';
import { deployed, type Operations, Services, supervised } from './running-services';
import { partiesIn, unitsOf } from './units';

/** As long as a request may live. */
const OVERLAP_HOURS = 24;
const LONGEST_OVERLAP_HOURS = 7 * 24;

interface RotateOptions {
  only: string[];
  overlap: number;
  finish: boolean;
  with?: string;
}

export function identitiesCommand(): Command {
  return new Command('identities')
    .description('keys, certificates and passwords of all parties: list, replace without downtime')
    .addCommand(listCommand())
    .addCommand(rotateCommand());
}

function listCommand(): Command {
  return new Command('list')
    .description('who has what, since when and until when')
    .addHelpText(
      'after',
      `
Examples:
  $ quorate identities list
  $ quorate identities list --json`,
    )
    .action((_options: object, command: Command) => {
      const { stack, output } = contextOf(command);
      const things = listThings(placesOf(stack), partiesIn(stack));
      output.result({ identities: things }, () =>
        columns([
          ['KID', 'ROLE', 'THING', 'FINGERPRINT', 'SINCE', 'UNTIL', 'REMARKS'].map((text) =>
            output.paint('dim', text),
          ),
          ...things.map(row),
        ]),
      );
    });
}

function rotateCommand(): Command {
  return new Command('rotate')
    .description(
      'give services new keys, certificates and passwords, one after the other, while requests are served',
    )
    .argument('[kids...]', 'whose (default: all services and the operator; clients only by name)')
    .addOption(
      new Option('--only <things>', `with commas between them: ${THINGS.join(', ')}`)
        .argParser(listOf)
        .default([], 'everything they have'),
    )
    .option(
      '--overlap <hours>',
      'how long what was signed with a former key counts',
      wholeNumber(0, LONGEST_OVERLAP_HOURS),
      OVERLAP_HOURS,
    )
    .option('--finish', 'end what was replaced: former keys and tokens count no more', false)
    .option(
      '--with <program>',
      'of a deployment: what prepares and restarts, called with `prepare` and `restart KID` (default: docker compose)',
    )
    .addHelpText(
      'after',
      `
Every step may be cut off: the same command goes on where it stopped. docs/rotation.md says what happens in which order.

Examples:
  $ quorate identities rotate
  $ quorate identities rotate node-2 --only tls,kafka
  $ quorate identities rotate --finish
  $ quorate identities rotate coordinator-1 --only identity --overlap 0 --finish     # its key was stolen`,
    )
    .action(async (kids: string[], options: RotateOptions, command: Command) => {
      const context = contextOf(command);
      const { stack, output } = context;
      const places = placesOf(stack);
      await holdRotation(places.rotation, async () => {
        const around = surroundingsOf(context, options);
        const file = new RotationFile(places.rotation);
        const isNamed = kids.length > 0 || options.only.length > 0;
        const replaced = isNamed || !options.finish ? await rotate(kids, options, file, around) : undefined;
        const finished = options.finish ? await finishRotation(file, around) : undefined;
        const document = {
          replaced: replaced?.units.map((unit) => ({ kids: unit.kids, things: unit.things })) ?? [],
          finished: finished ?? null,
        };
        output.result(document, () =>
          [
            ...(replaced?.units ?? []).map(
              (unit) => `replaced  ${unit.kids.join(', ')}: ${unit.things.join(', ')}`,
            ),
            finished === undefined
              ? 'former keys still count: quorate identities rotate --finish'
              : `finished  ${finished.kids.join(', ') || 'nothing was left'}`,
          ].join('\n'),
        );
      });
    });
}

async function rotate(
  kids: readonly string[],
  { only, overlap }: RotateOptions,
  file: RotationFile,
  around: Surroundings,
): Promise<Rotation> {
  const isResume = kids.length === 0 && only.length === 0;
  const wanted = unitsOf(partiesIn(around.stack()), kids, thingsOf(only));
  const complete = file.load()?.units.every(({ phase }) => phase === 'done') ?? false;
  if (complete) file.remove();
  const rotation = openRotation(file, wanted, isResume, overlap);
  for (const index of rotation.units.keys()) await rotateUnit(index, file, around);
  return rotation;
}

function surroundingsOf({ stack, stackFile, output }: Context, options: RotateOptions): Surroundings {
  const places = placesOf(stack);
  const current = () => loadStack(stackFile);
  const services = new Services(current);
  return {
    ...{ places, services, stackFile, stack: current, roles: partiesIn(stack).roles },
    operations: operationsOf(stack, services, options.with),
    note: (text) => output.note(text),
  };
}

function operationsOf(stack: Stack, services: Services, program: string | undefined): Operations {
  if (stack.deployment === undefined) return supervised(stack);
  return deployed(stack.deployment.folder, program, services);
}

/** @throws CommandFailure `usage` for a thing that there is not */
function thingsOf(names: readonly string[]): Thing[] {
  return names.map((name) => {
    const thing = THINGS.find((known) => known === name);
    if (thing === undefined) throw usageError(`${name} is none of ${THINGS.join(', ')}`);
    return thing;
  });
}

function row({ kid, role, thing, fingerprint, since, until, remark }: Listed): string[] {
  return [kid, role, thing, fingerprint ?? '', since.slice(0, 10), until?.slice(0, 10) ?? '', remark];
}
