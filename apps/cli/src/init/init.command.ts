import { relative, resolve } from 'node:path';
import { type MadeDeployment, makeDeployment, type Owner } from '@quorate/deployment';
import { Command } from 'commander';
import { lazyContextOf } from '../context';
import { facts } from '../terminal/layout';
import { listOf, wholeNumber } from '../terminal/option-values';
import { composePorts } from './compose-ports';
import { addressOfPostgres, chainId, hosts } from './option-values';

interface InitOptions {
  nodes?: number;
  threshold?: number;
  coordinators?: number;
  clients?: string[];
  chainId?: string;
  host?: string[];
  postgresHost?: string;
}

/** The user that the image runs as, and Kafka's. */
const CONTAINER_USER: Owner = { uid: 1000, gid: 1000 };

const AFTER = `
Makes a folder with everything that a deployment needs: identities, a local certificate authority and its certificates,
passwords, tokens, seal keys, a policy for each node to edit. Nothing in it is ever printed. It may be run again: what is
missing is made, what is there stays; after an interruption run it again.

Examples:
  $ quorate init
  $ quorate init ./treasury --nodes 5 --threshold 3 --clients shop,treasury --chain-id 1
  $ quorate init --host quorate.example.org --json`;

export function initCommand(): Command {
  return new Command('init')
    .description('make the folder of a deployment: identities, certificates, passwords, policies')
    .argument('[folder]', 'where; it must be empty, not exist yet, or be of an earlier run', './deployment')
    .option('-n, --nodes <n>', 'signer nodes (default: 3)', wholeNumber(2, 16))
    .option('-t, --threshold <t>', 'how many of them sign together (default: 2)', wholeNumber(2, 16))
    .option('--coordinators <n>', 'coordinators (default: 1)', wholeNumber(1, 8))
    .option('--clients <names>', 'who may ask, with commas between them (default: demo)', listOf)
    .option(
      '--chain-id <id>',
      'the chain of their transactions; policies allow everything on 31337 only (default: 31337)',
      chainId,
    )
    .option('--host <names>', 'more names of the services, for their certificates', hosts)
    .option(
      '--postgres-host <host:port>',
      'Postgres, as the services reach it (default: postgres:5432)',
      addressOfPostgres,
    )
    .addHelpText('after', AFTER)
    .action(async (folder: string, options: InitOptions, command: Command) => {
      const { output } = lazyContextOf(command);
      const { nodes, threshold, coordinators, clients, host, postgresHost } = options;
      const wanted = { nodes, threshold, coordinators, clients, hosts: host, postgres: postgresHost };
      const made = await makeDeployment(
        folder,
        { ...wanted, chainId: options.chainId },
        { ...users(), ...composePorts(process.env, nodes ?? 16) },
      );
      output.result(documentOf(made), () => describe(made));
    });
}

/** Containers run as a user who may read the folder: as ours, or as the image's own where ours is root. */
function users(): { user: Owner; containers?: Owner } {
  const [uid, gid] = [process.getuid?.() ?? CONTAINER_USER.uid, process.getgid?.() ?? CONTAINER_USER.gid];
  return uid === 0 ? { user: CONTAINER_USER, containers: CONTAINER_USER } : { user: { uid, gid } };
}

function documentOf({ layout, description, elsewhere }: MadeDeployment) {
  const { nodes, coordinators, submitters, auditors, clients, threshold, chainId } = description;
  return {
    folder: layout.root,
    ...{ nodes, threshold, coordinators, submitters, auditors, clients, chainId },
    authorityKey: layout.authority.keyFile,
    stack: layout.stack,
    composeEnvironment: layout.composeEnvironment,
    elsewhere,
  };
}

function describe({ layout, description, elsewhere }: MadeDeployment): string {
  const { nodes, coordinators, submitters, auditors, clients, threshold, chainId } = description;
  const short = (path: string) => relative(process.cwd(), resolve(path)) || '.';
  const table = facts([
    ['folder', layout.root],
    ['nodes', `${nodes.join(', ')}, ${threshold} of them sign together`],
    ['other services', [...coordinators, ...submitters, ...auditors].join(', ')],
    ['clients', clients.join(', ')],
    ['chain', chainId],
    ['not here', elsewhere.join(', ')],
  ]);
  return `${table}

Move the authority's key away from this machine, to where it is kept offline: ${short(layout.authority.keyFile)}
It is only needed again for new certificates. Each node's policy: ${short(layout.services)}/NODE/policy.json

Next:
  docker compose --env-file ${short(layout.composeEnvironment)} up --wait
  npx quorate --stack ${short(layout.stack)} keys create --threshold ${threshold}`;
}
