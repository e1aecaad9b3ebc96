import { existsSync } from 'node:fs';
import { Invalid, readJsonFile } from '@quorate/platform';
import { type FileAccess, prettyJson, writeWhole } from '../files/whole-file';
import { assertApart } from '../parties/consumer-groups';
import { type DeploymentFile, deploymentFile } from '../parties/deployment-file';
import { AUDITOR, numbered, OPERATOR, SUBMITTER } from '../parties/kids';

/** The shape of a new deployment; of one that is there already, what it must agree with. */
export interface WantedDeployment {
  nodes?: number | undefined;
  threshold?: number | undefined;
  coordinators?: number | undefined;
  clients?: string[] | undefined;
  /** Decimal. */
  chainId?: string | undefined;
  /** More names and addresses that the services are reached under. */
  hosts?: string[] | undefined;
  /** HOST:PORT of Postgres, as the services reach it. */
  postgres?: string | undefined;
}

/** A description in which nothing is left open. */
export interface CompleteDeployment extends DeploymentFile {
  threshold: number;
  chainId: string;
  hosts: string[];
  postgres: string;
}

const DEFAULTS = { nodes: 3, threshold: 2, coordinators: 1, clients: ['demo'], chainId: '31337' };
const DEFAULT_POSTGRES = 'postgres:5432';

/**
 * The description in the file, or that of a new deployment, which is written there.
 * @throws Invalid `deployment` for parties that cannot be told apart or cannot make a quorum, and for what contradicts the file
 */
export function keptDescription(
  file: string,
  wanted: WantedDeployment,
  access: FileAccess,
): CompleteDeployment {
  if (!existsSync(file)) {
    const made = described(wanted);
    assertSound(made);
    writeWhole(file, prettyJson(made), access);
    return made;
  }
  const there = readJsonFile(file, deploymentFile);
  const complete = {
    ...there,
    threshold: there.threshold ?? DEFAULTS.threshold,
    chainId: there.chainId ?? DEFAULTS.chainId,
    hosts: there.hosts ?? [],
    postgres: there.postgres ?? DEFAULT_POSTGRES,
  };
  assertSound(complete);
  assertAgrees(file, complete, wanted);
  return complete;
}

function described(wanted: WantedDeployment): CompleteDeployment {
  return {
    brokers: 1,
    prefix: '',
    nodes: numbered('node', wanted.nodes ?? DEFAULTS.nodes),
    coordinators: numbered('coordinator', wanted.coordinators ?? DEFAULTS.coordinators),
    submitters: [SUBMITTER],
    auditors: [AUDITOR],
    operators: [OPERATOR],
    clients: wanted.clients ?? DEFAULTS.clients,
    former: [],
    threshold: wanted.threshold ?? DEFAULTS.threshold,
    chainId: wanted.chainId ?? DEFAULTS.chainId,
    hosts: wanted.hosts ?? [],
    postgres: wanted.postgres ?? DEFAULT_POSTGRES,
  };
}

function assertSound(deployment: CompleteDeployment): void {
  const { nodes, threshold, operators, prefix } = deployment;
  if (threshold > nodes.length) {
    throw new Invalid(
      'deployment',
      `${threshold} nodes cannot sign together where there are ${nodes.length}`,
    );
  }
  if (operators.join() !== OPERATOR) {
    throw new Invalid('deployment', `a deployment folder has one operator, named ${OPERATOR}`);
  }
  try {
    assertApart(deployment, prefix);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Invalid('deployment', error.message, { cause: error });
  }
}

function assertAgrees(file: string, there: CompleteDeployment, wanted: WantedDeployment): void {
  const facts: [string, string | number, string | number | undefined][] = [
    ['nodes', there.nodes.length, wanted.nodes],
    ['threshold', there.threshold, wanted.threshold],
    ['coordinators', there.coordinators.length, wanted.coordinators],
    ['clients', there.clients.join(), wanted.clients?.join()],
    ['chain id', there.chainId, wanted.chainId],
    ['hosts', there.hosts.join(), wanted.hosts?.join()],
    ['Postgres', there.postgres, wanted.postgres],
  ];
  const different = facts.flatMap(([name, is, asked]) =>
    asked === undefined || asked === is ? [] : [`${name}: ${is}, not ${asked}`],
  );
  if (different.length === 0) return;
  throw new Invalid(
    'deployment',
    `${file} says otherwise (${different.join('; ')}): leave these options out to go on with it, edit it to add somebody, or name another folder`,
  );
}
