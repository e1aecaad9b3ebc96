import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ControlClient } from '@quorate/client';
import { prettyJson, type TlsFiles, writeWhole } from '@quorate/deployment';
import { kafkaConfig, kafkaConnection, parseConfig, readJsonFile, requestersFile } from '@quorate/platform';
import { forgetLogins, keptLogins } from '../../kafka/logins';
import { demoKey, fundAddress } from '../demo/demo-key';
import { type StackFolders } from '../files/stack-folders';
import { certificateOf, prepareCertificates } from '../identities/certificates';
import { prepareHttpTokens } from '../identities/http-tokens';
import { type IdentityFiles, prepareIdentities } from '../identities/identity-files';
import { prepareDatabases } from '../parts/databases';
import { type Infrastructure, type InfrastructurePorts, startInfrastructure } from '../parts/infrastructure';
import {
  BROKER_ADMIN_KID,
  BROKER_KID,
  type BrokerCertificates,
  type KafkaAccess,
} from '../parts/kafka-security';
import { prepareKafka } from '../parts/prepare-kafka';
import { auditorVariables, nodeVariables, serviceParts } from '../parts/services';
import { assertPortsFree } from '../ports/free-ports';
import { configuredPorts, type StackPorts } from '../ports/stack-ports';
import { type Part } from '../processes/part';
import { ProcessGuard } from '../processes/process-guard';
import { endRunningTools } from '../processes/run-tool';
import { Supervisor } from '../processes/supervisor';
import { asStep, type Progress } from '../terminal/progress';
import { StartFailure } from '../terminal/start-failure';
import {
  controlAccess,
  describeStack,
  identityOf,
  type KafkaOfParties,
  type StartedStack,
  type Surroundings,
} from './describe-stack';
import { StackControl } from './stack-control';
import { type DemoKey, type StackDescription } from './stack-description';
import { assertNotRunning, holdLock, releaseLock } from './stack-lock';
import { OPERATOR, serviceKids, type StackShape } from './stack-shape';

export interface StackOptions {
  shape: StackShape;
  folders: StackFolders;
  progress: Progress;
  /** Default: those of the environment, which must be free. */
  ports?: StackPorts;
  env?: NodeJS.ProcessEnv;
  /** Changes parts before they start: the chaos suite leads their connections through its own links. */
  fit?: (part: Part) => Part;
  /** Provides Kafka, Postgres and the chain in place of parts of this stack, which ends them after its own. */
  infrastructure?: (
    ports: InfrastructurePorts,
    certificates: BrokerCertificates,
  ) => Promise<Infrastructure & { stop(): Promise<void> }>;
  /** After somebody has stopped it by `quorate stack stop`. */
  onStopped?: () => void;
}

/** Everything of one installation on this machine: infrastructure, services and a key to begin with. */
export class EmbeddedStack {
  /** Where `publish` writes the description. */
  readonly descriptionFile: string;
  private readonly env: NodeJS.ProcessEnv;
  private guard: ProcessGuard | undefined;
  private supervisor: Supervisor | undefined;
  private control: StackControl | undefined;
  private provided: { stop(): Promise<void> } | undefined;
  private started: StartedStack | undefined;
  private published = false;
  private stopping: Promise<void> | undefined;

  constructor(private readonly options: StackOptions) {
    this.env = options.env ?? process.env;
    this.descriptionFile = join(options.folders.run, 'stack.json');
  }

  /** Starts everything and waits until it is ready. After a failure `stop` ends what was started. */
  async start(): Promise<void> {
    await assertNotRunning(this.options.folders, this.options.progress);
    await this.startParts();
  }

  /** Whether stack.json tells others that they can begin. */
  get isReady(): boolean {
    return this.published;
  }

  /** The connection to the embedded broker that may do everything. @throws StartFailure where there is none */
  get brokerAdmin(): KafkaAccess {
    const admin = this.started?.infrastructure.brokerAdmin;
    if (admin === undefined)
      throw new StartFailure('no-admin', 'there is no embedded Kafka that has started');
    return admin;
  }

  /** Whether somebody has asked it to end: whatever fails from then on is no news. */
  get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  /** Writes stack.json, and again whenever a process is replaced. */
  publish(): void {
    this.published = true;
    writeWhole(this.descriptionFile, prettyJson(this.description()), { secret: true });
  }

  /** Ends all processes in order and removes stack.json. */
  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  /** Ends all processes at once. */
  kill(): void {
    this.supervisor?.kill();
  }

  /** @throws StartFailure before the stack has started */
  description(): StackDescription {
    const { started, supervisor } = this;
    if (!started || !supervisor) throw new StartFailure('not-started', 'the stack has not started yet');
    return describeStack(started, supervisor.started);
  }

  private async startParts(): Promise<void> {
    const { shape, folders, progress } = this.options;
    const configured = configuredPorts(shape, this.env);
    if (!this.options.ports) await assertPortsFree(configured.claims);
    const ports = this.options.ports ?? configured.ports;
    this.guard = await ProcessGuard.start();
    holdLock(folders, this.guard.pid ?? 0);
    await this.guard.removeAtEnd(this.descriptionFile);
    const supervisor = new Supervisor(
      this.guard,
      folders.logs,
      (text) => progress.note(text),
      () => this.published && !this.stopping && this.publish(),
      this.options.fit,
    );
    this.supervisor = supervisor;

    const kids = [...serviceKids(shape), OPERATOR, BROKER_KID, BROKER_ADMIN_KID];
    const certificates = await prepareCertificates(folders, kids);
    const ofBroker = {
      broker: certificateOf(certificates, BROKER_KID),
      admin: certificateOf(certificates, BROKER_ADMIN_KID),
    };
    const provided = await this.options.infrastructure?.(ports, ofBroker);
    this.provided = provided;
    const infrastructure =
      provided ?? (await startInfrastructure(supervisor, folders, ports, progress, this.env, ofBroker));
    const prepared = await asStep(progress, 'databases and topics', () =>
      this.prepareParties(infrastructure, certificates),
    );
    // One object for as long as the stack runs: `refresh` changes what is in it.
    const around = { shape, infrastructure, certificates, ports, env: this.env, ...prepared };
    const starting = serviceParts(around).map((part) =>
      asStep(
        progress,
        part.name,
        () => supervisor.start(part),
        () => part.health ?? '',
      ),
    );
    await Promise.allSettled(starting);
    await Promise.all(starting);
    const key = await this.prepareKey(around);
    const controlSocket = await this.openControl(this.guard, supervisor);
    this.started = Object.assign(around, { ...this.toolEnvironments(around), key, controlSocket });
  }

  /** What `StackControl` promises: for who has changed the files of a running stack, such as passwords. */
  private async refresh(): Promise<void> {
    const { started } = this;
    if (!started) throw new StartFailure('not-started', 'the stack has not started yet');
    Object.assign(started, await this.prepareParties(started.infrastructure, started.certificates));
    Object.assign(started, this.toolEnvironments(started));
    if (this.published && !this.stopping) this.publish();
  }

  /** Who is who, and everybody's logins: makes what is missing, and tells broker and database. */
  private async prepareParties(infrastructure: Infrastructure, certificates: Map<string, TlsFiles>) {
    const { shape, folders } = this.options;
    const identities = prepareIdentities(folders, shape, infrastructure.chainId);
    const [databases, kafka] = await Promise.all([
      prepareDatabases(infrastructure.databaseUrl, folders, shape),
      this.prepareKafka(infrastructure, identities, certificateOf(certificates, BROKER_KID)),
    ]);
    return { identities, databases, kafka, httpTokens: prepareHttpTokens(folders) };
  }

  private toolEnvironments(around: Surroundings) {
    const surroundings = { ...around, env: this.env };
    return {
      nodeEnvironments: new Map(
        this.options.shape.nodes.map((node) => [node, nodeVariables(surroundings, node)]),
      ),
      auditorEnvironment: auditorVariables(surroundings),
    };
  }

  private async openControl(guard: ProcessGuard, supervisor: Supervisor): Promise<string> {
    this.control = await StackControl.start({
      supervisor,
      refresh: () => this.refresh(),
      endAll: async () => {
        await this.stop();
        this.options.onStopped?.();
      },
    });
    await guard.removeAtEnd(this.control.folder);
    return this.control.socket;
  }

  /** Topics, and on the embedded broker users and what they may do; resolves with how the parties connect. */
  private async prepareKafka(
    { brokers, brokerAdmin, localBroker }: Infrastructure,
    { requesters }: IdentityFiles,
    { caFile }: TlsFiles,
  ): Promise<KafkaOfParties> {
    const { shape, folders, progress } = this.options;
    const topicPrefix = this.env['TOPIC_PREFIX'] ?? '';
    if (brokerAdmin === undefined) {
      const own = kafkaConnection(
        parseConfig(kafkaConfig, { ...this.env, KAFKA_BROKERS: brokers.join(',') }),
      );
      await prepareKafka(own, { shape, topicPrefix, localBroker }, progress);
      const { sasl = null } = own;
      return { brokers, topicPrefix, caFile: this.env['KAFKA_SSL_CA'] ?? null, loginOf: () => sasl };
    }
    const clients = readJsonFile(requesters, requestersFile).requesters.flatMap(({ kid, role }) =>
      role === 'client' ? [kid] : [],
    );
    const folder = join(folders.data, 'kafka-logins');
    const logins = keptLogins(folder, [...serviceKids(shape), OPERATOR, ...clients], topicPrefix);
    const listener: KafkaAccess = { brokers, ssl: { ca: readFileSync(caFile, 'utf8') } };
    await prepareKafka(
      brokerAdmin,
      { shape, topicPrefix, localBroker, logins: { ...logins, clients, listener } },
      progress,
    );
    forgetLogins(folder, logins.former);
    return { brokers, topicPrefix, caFile, loginOf: (kid) => logins.present.get(kid) ?? null };
  }

  private async prepareKey(around: Surroundings): Promise<DemoKey> {
    const { shape, progress } = this.options;
    const control = new ControlClient(controlAccess(around));
    try {
      const key = await asStep(
        progress,
        `${shape.threshold}-of-${shape.nodes.length} key`,
        () => demoKey(control, identityOf(around, OPERATOR), shape),
        ({ keyId }) => `${keyId.slice(0, 18)}...`,
      );
      const abandoned = () =>
        this.stopping ? new StartFailure('stopped', 'the start was stopped') : undefined;
      await asStep(
        progress,
        'money for its address',
        () => fundAddress(around.infrastructure, key.address, progress, abandoned),
        () => key.address,
      );
      return key;
    } finally {
      control.close();
    }
  }

  private async end(): Promise<void> {
    endRunningTools();
    await this.supervisor?.stop();
    this.control?.stop();
    rmSync(this.descriptionFile, { force: true });
    await this.guard?.release();
    if (this.guard) releaseLock(this.options.folders);
    await this.provided?.stop();
  }
}
