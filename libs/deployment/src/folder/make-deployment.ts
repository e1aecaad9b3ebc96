/** Makes the folder of a deployment (docs/deployment.md): everything that its parties need, each in a place of its own. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type PeerRole } from '@quorate/platform';
import { Authority } from '../authority/authority';
import { type FileAccess, keptFile, keptFolder, type Owner, prettyJson } from '../files/whole-file';
import { keepTokensFile, keptToken, TOKEN_HOLDERS } from '../identities/http-tokens';
import {
  type Identity,
  keptIdentity,
  keptSealKey,
  operatorEntry,
  peerEntry,
  type PublicIdentity,
  requesterEntry,
} from '../identities/identity';
import { policyTemplate } from '../identities/policy-template';
import { serviceDatabases } from '../parties/databases';
import { OPERATOR, WITNESS } from '../parties/kids';
import { type ComposeSettings, keptComposeEnvironment } from './compose-environment';
import { keptDatabaseUrls } from './database-urls';
import { Directory } from './directories';
import { withFolder } from './claim';
import { keptKafkaFiles, keptKafkaPassword } from './kafka-files';
import { type DeploymentLayout, deploymentLayout } from './layout';
import { keptPostgresFiles } from './postgres-files';
import { keptStackFile } from './stack-file';
import { type CompleteDeployment, keptDescription, type WantedDeployment } from './wanted';

export interface MakeOptions extends ComposeSettings {
  /** Whom what containers read belongs to, where that is not whoever runs this. */
  containers?: Owner | undefined;
}

export interface MadeDeployment {
  layout: DeploymentLayout;
  description: CompleteDeployment;
  /** Those whose folders are not here, though others know their keys: they keep what they have. */
  elsewhere: string[];
}

/**
 * Makes what is missing and changes nothing that is there: interrupted anywhere, it goes on when it is called again. Who is named
 * in the directories and has no folder here keeps the key that is named; nothing is made for them.
 * @throws Invalid for options, files and folders that do not fit; Conflict while another process works on the folder
 */
export function makeDeployment(
  folder: string,
  wanted: WantedDeployment,
  options: MakeOptions,
): Promise<MadeDeployment> {
  const root = resolve(folder);
  return withFolder(root, async () => {
    const read: FileAccess = { owner: options.containers };
    const layout = deploymentLayout(root);
    keptFolder(root, { ...read, secret: true });
    // First of all files: it tells a run that goes on that the folder is ours.
    const description = keptDescription(layout.description, wanted, read);
    keptFile(join(root, '.gitignore'), () => '*\n');
    keptFolder(layout.authority.folder, { secret: true });
    const authority = await Authority.kept(layout.authority);
    return new DeploymentMaker(layout, description, authority, read, options).make();
  });
}

/** One run over a folder. */
class DeploymentMaker {
  private readonly peers: Directory;
  private readonly requesters: Directory;
  private readonly elsewhere: string[] = [];

  constructor(
    private readonly layout: DeploymentLayout,
    private readonly description: CompleteDeployment,
    private readonly authority: Authority,
    /** Of what containers read. */
    private readonly read: FileAccess,
    private readonly options: MakeOptions,
  ) {
    keptFolder(layout.common.folder, read);
    keptFile(layout.common.ca, () => authority.pem, read);
    this.peers = new Directory(layout.common.peers, ['peers']);
    this.requesters = new Directory(layout.common.requesters, ['requesters', 'operators']);
  }

  async make(): Promise<MadeDeployment> {
    const { layout, description, read } = this;
    const { hosts, postgres } = description;
    await keptKafkaFiles(layout.kafka, this.authority, hosts, read);
    keptPostgresFiles(layout.postgres, postgres, read);
    const operator = await this.makeOperator();
    const clients = this.makeClients();
    const services = await this.makeServices();
    this.makeDatabases(services);
    this.makeTokens(services, operator !== undefined);
    this.nameEverybody(services, clients, operator);
    this.makePolicies();
    keptComposeEnvironment(layout, this.options);
    if (operator !== undefined) keptStackFile(layout, description, this.options.ports);
    return { layout, description, elsewhere: this.elsewhere };
  }

  /** Their folders are read by who prepares Kafka, their keys by nobody but themselves. */
  private async makeOperator(): Promise<Identity | undefined> {
    const { operator } = this.layout;
    const identity = this.keptParty(OPERATOR, operator.folder, operator.identity, this.requesters, {});
    if (identity === undefined) return undefined;
    keptKafkaPassword(operator.kafkaPassword, this.read);
    await this.authority.issue(operator, { kid: OPERATOR });
    for (const file of [operator.auditToken, operator.witnessToken, operator.submitterToken]) keptToken(file);
    return identity;
  }

  private makeClients(): Identity[] {
    keptFolder(this.layout.clients, { ...this.read, secret: true });
    return this.description.clients.flatMap((kid) => {
      const { folder, identity: file, kafkaPassword } = this.layout.client(kid);
      const identity = this.keptParty(kid, folder, file, this.requesters, {});
      if (identity === undefined) return [];
      keptKafkaPassword(kafkaPassword, this.read);
      return [identity];
    });
  }

  private async makeServices(): Promise<Map<string, Identity>> {
    keptFolder(this.layout.services, { ...this.read, secret: true });
    const services = new Map<string, Identity>();
    for (const kid of this.serviceKids()) {
      const files = this.layout.service(kid);
      const identity = this.keptParty(kid, files.folder, files.identity, this.peers, this.read);
      if (identity === undefined) continue;
      services.set(kid, identity);
      keptKafkaPassword(files.kafkaPassword, this.read);
      await this.authority.issue(files, { kid, hosts: this.description.hosts }, this.read);
      if (this.description.nodes.includes(kid)) keptSealKey(files.sealKey, this.read);
    }
    return services;
  }

  private makeDatabases(here: ReadonlyMap<string, Identity>): void {
    for (const [database, kids] of serviceDatabases(this.description)) {
      const present = kids.filter((kid) => here.has(kid));
      if (present.length === 0) continue;
      const files = present.map((kid) => this.layout.service(kid));
      const isElsewhere = present.length < kids.length;
      keptDatabaseUrls(database, this.description.postgres, { files, isElsewhere }, this.read);
    }
  }

  private makeTokens(here: ReadonlyMap<string, Identity>, isOperatorHere: boolean): void {
    if (!isOperatorHere) return;
    const { auditToken, witnessToken, submitterToken } = this.layout.operator;
    const { auditors, submitters } = this.description;
    const ofAuditor = TOKEN_HOLDERS.auditor.map((holder) => ({
      ...holder,
      token: keptToken(holder.name === WITNESS ? witnessToken : auditToken),
    }));
    const ofSubmitter = TOKEN_HOLDERS.submitter.map((holder) => ({
      ...holder,
      token: keptToken(submitterToken),
    }));
    const lettingIn = (kid: string, holders: typeof ofAuditor) => {
      if (here.has(kid)) keepTokensFile(this.layout.service(kid).httpTokens, holders, this.read);
    };
    for (const kid of auditors) lettingIn(kid, ofAuditor);
    for (const kid of submitters) lettingIn(kid, ofSubmitter);
  }

  private nameEverybody(
    services: ReadonlyMap<string, Identity>,
    clients: readonly Identity[],
    operator: Identity | undefined,
  ): void {
    const { submitters } = this.description;
    const here = [...services.values()];
    this.peers.add(
      { peers: here.map((identity) => peerEntry(identity, this.roleOf(identity.kid))) },
      this.read,
    );
    this.requesters.add(
      {
        requesters: [
          ...clients.map((identity) => requesterEntry(identity, 'client')),
          ...here
            .filter(({ kid }) => submitters.includes(kid))
            .map((identity) => requesterEntry(identity, 'submitter')),
        ],
        operators: operator === undefined ? [] : [operatorEntry(operator)],
      },
      this.read,
    );
  }

  private makePolicies(): void {
    const { nodes, operators, clients, submitters, chainId } = this.description;
    const requesters = new Directory(this.layout.common.requesters, ['requesters', 'operators']);
    const named = (kids: readonly string[]): PublicIdentity[] =>
      kids.flatMap((kid) =>
        requesters
          .keysOf(kid)
          .slice(0, 1)
          .map((publicKey) => ({ kid, publicKey })),
      );
    const parties = { operators: named(operators), clients: named(clients), submitters: named(submitters) };
    for (const node of nodes.filter((kid) => !this.elsewhere.includes(kid))) {
      const create = () => prettyJson(policyTemplate(parties, chainId));
      keptFile(this.layout.service(node).policy, create, this.read);
    }
  }

  /** The identity of somebody, in a folder of their own; undefined when others know one that is not here. */
  private keptParty(
    kid: string,
    folder: string,
    identityFile: string,
    directory: Directory,
    access: FileAccess,
  ): Identity | undefined {
    if (directory.knows(kid) && !existsSync(identityFile)) {
      this.elsewhere.push(kid);
      return undefined;
    }
    keptFolder(folder, { ...this.read, secret: true });
    const identity = keptIdentity(kid, identityFile, access);
    directory.assertNames(identity);
    return identity;
  }

  private serviceKids(): string[] {
    const { coordinators, nodes, submitters, auditors } = this.description;
    return [...coordinators, ...nodes, ...submitters, ...auditors];
  }

  private roleOf(kid: string): PeerRole {
    const { coordinators, nodes, submitters } = this.description;
    if (coordinators.includes(kid)) return 'coordinator';
    if (nodes.includes(kid)) return 'node';
    return submitters.includes(kid) ? 'submitter' : 'auditor';
  }
}
