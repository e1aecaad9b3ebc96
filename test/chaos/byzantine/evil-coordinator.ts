import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { type TlsFiles } from '@quorate/deployment';
import { protoPath } from '@quorate/protocol';
import { type SignedRequest } from './forged-requests';

interface NodeMessage {
  readonly hello?: { readonly nodeId: string; readonly bootId: Buffer } | null;
  readonly ack?: { readonly taskId: string; readonly accepted: boolean; readonly code: string } | null;
}
type Session = ServerDuplexStream<NodeMessage, object>;

/** A presignature that nodes hold, as the coordinators know it. */
export interface KnownPresignature {
  readonly presignatureId: Buffer;
  readonly sessionId: Buffer;
  readonly index: number;
  readonly epoch: number;
  readonly committee: readonly string[];
}

/**
 * A coordinator in an attacker's hands: the real coordinator-2's certificate, the real protocol, and whatever orders the
 * attacker likes. All nodes keep a session open to it as to the others.
 */
export class EvilCoordinator {
  private readonly server = new Server();
  private readonly sessions = new Map<string, Session>();
  private readonly bootIds = new Map<string, Buffer>();
  /** What nodes said to orders: the task, and whether it was accepted. */
  readonly acks: {
    readonly node: string;
    readonly taskId: string;
    readonly accepted: boolean;
    readonly code: string;
  }[] = [];

  /** Resolves with its port on 127.0.0.1. */
  async listen({ caFile, certFile, keyFile }: TlsFiles): Promise<number> {
    const loaded = loadSync(protoPath('node_session'), {
      defaults: true,
      oneofs: true,
      enums: String,
      longs: String,
    });
    const service = loaded['quorate.node.v1.NodeSession'];
    if (service === undefined || 'format' in service) throw new Error('the proto has no NodeSession');
    this.server.addService(service, { Open: (session: Session) => this.open(session) });
    const pair = { private_key: readFileSync(keyFile), cert_chain: readFileSync(certFile) };
    const credentials = ServerCredentials.createSsl(readFileSync(caFile), [pair], true);
    return new Promise((resolve, reject) => {
      this.server.bindAsync('127.0.0.1:0', credentials, (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
  }

  close(): void {
    this.server.forceShutdown();
  }

  /** Orders each node to sign this with that presignature. */
  orderSignature(
    nodes: readonly string[],
    request: SignedRequest,
    presignature: KnownPresignature,
    keyId: string,
  ): void {
    const attempt = 1 + randomBytes(1).readUInt8();
    for (const node of nodes) {
      this.sessions.get(node)?.write({
        signTask: {
          ...request,
          ...presignature,
          taskId: `${request.requester}/${request.requestId}/${attempt}`,
          approvals: '',
          attempt,
          keyId,
        },
      });
    }
  }

  /** Orders a ceremony that operators would have had to sign; returns its session id in hex. */
  orderCeremony(
    nodes: readonly string[],
    order: {
      readonly purpose: 'DKG' | 'RESHARE' | 'REKEY' | 'PRESIGN';
      readonly keyId: string;
      readonly identities: ReadonlyMap<string, Buffer>;
      readonly command: Buffer;
      readonly signatures: readonly string[];
    },
  ): string {
    const sessionId = randomBytes(32);
    const participants = nodes.map((nodeId, place) => ({
      nodeId,
      index: place + 1,
      identityKey: order.identities.get(nodeId) ?? Buffer.alloc(32),
      bootId: this.bootIds.get(nodeId) ?? Buffer.alloc(16),
    }));
    for (const node of nodes) {
      this.sessions.get(node)?.write({
        ceremonyStart: {
          sessionId,
          purpose: order.purpose,
          suite: 1,
          keyId: order.keyId,
          epoch: 1,
          threshold: 2,
          participants,
          batch: 1,
          notAfter: Math.floor(Date.now() / 1000) + 60,
          rnd: randomBytes(32),
          command: order.command,
          signatures: order.signatures,
          oldEpoch: 0,
          dealers: [1, 2],
          receivers: participants.map(({ index }) => index),
          newThreshold: 2,
          pairCounter: 1,
        },
      });
    }
    return sessionId.toString('hex');
  }

  /** A halt or a key command without a valid signature. */
  orderUnsigned(nodes: readonly string[], message: object): void {
    for (const node of nodes) this.sessions.get(node)?.write(message);
  }

  private open(session: Session): void {
    let node = '';
    session.on('data', ({ hello, ack }: NodeMessage) => {
      if (hello) {
        node = hello.nodeId;
        this.bootIds.set(node, hello.bootId);
        this.sessions.set(node, session);
      } else if (ack) this.acks.push({ node, ...ack });
    });
    session.on('error', () => undefined);
    session.on('end', () => session.end());
  }
}
