import { type handleBidiStreamingCall, Metadata, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { type Logger, type PeerDirectory } from '@quorate/platform';
import { toHex } from '@quorate/protocol';
import { type NodeConfirmations } from './node-confirmations';
import { type NodeLink, type ReportedBatch, type ToNode } from '../ports/node-link.port';
import { type NodeSessions } from './node-sessions';

interface Hello {
  readonly nodeId: string;
  readonly bootId: Buffer;
  readonly version: string;
  readonly ready: boolean;
  readonly stock: readonly { readonly sessionId: Buffer; readonly unspent: Buffer }[];
}

/** As proto-loader decodes node_session.proto: `message` names the field of the oneof that is there. */
interface NodeMessage {
  readonly message: 'hello' | 'readiness' | 'ack';
  readonly hello?: Hello;
  readonly readiness?: { readonly ready: boolean; readonly reason: string };
  readonly ack?: NodeAck;
}

export interface NodeAck {
  readonly taskId: string;
  readonly accepted: boolean;
  readonly code: string;
  readonly reason: string;
}

type Stream = ServerDuplexStream<NodeMessage, object>;

/** What the coordinator does with what nodes say on their streams. */
export interface NodeSessionEvents {
  opened(link: NodeLink, ready: boolean, stock: readonly ReportedBatch[]): Promise<void>;
  refused(node: string, ack: NodeAck): Promise<void>;
}

const BOOT_ID_BYTES = 16;
/** Messages that wait in memory for one node: a stopped node must not fill the coordinator's. */
const MOST_UNSENT = 8_192;
const PURPOSES = {
  dkg: 'DKG',
  presign: 'PRESIGN',
  health: 'HEALTH',
  reshare: 'RESHARE',
  rekey: 'REKEY',
} as const;

/** The server side of quorate.node.v1.NodeSession: one stream per node, authenticated by its TLS certificate. */
export class NodeSessionService {
  constructor(
    private readonly sessions: NodeSessions,
    private readonly peers: PeerDirectory,
    private readonly events: NodeSessionEvents,
    private readonly confirmations: NodeConfirmations,
    private readonly logger: Logger,
  ) {}

  readonly open: handleBidiStreamingCall<NodeMessage, object> = (stream) => {
    let link: NodeLink | undefined;
    let isOver = false;
    let steps = Promise.resolve();
    const left = () => {
      isOver = true;
      if (link !== undefined) this.sessions.closed(link);
    };
    stream.on('data', (message: NodeMessage) => {
      // One message after the other: what a node says first is known before what it says next.
      steps = steps
        .then(async () => {
          if (message.hello !== undefined) link = await this.hello(stream, message.hello, link);
          else if (link !== undefined) await this.later(link, message);
          // The stream may have ended while its Hello was looked at.
          if (isOver) left();
        })
        .catch((error: unknown) => {
          this.logger.warn({ err: error, node: link?.nodeId }, 'a node session is closed');
          stream.destroy(error instanceof Error ? error : new Error(String(error)));
        });
    });
    stream.on('end', () => {
      left();
      stream.end();
    });
    stream.on('close', left);
    stream.on('cancelled', left);
    stream.on('error', left);
  };

  private async hello(
    stream: Stream,
    hello: Hello,
    earlier: NodeLink | undefined,
  ): Promise<NodeLink | undefined> {
    const refusal = earlier === undefined ? this.refusalOf(stream, hello) : 'Hello came twice';
    if (refusal !== undefined) {
      this.logger.warn({ node: hello.nodeId, refusal }, 'a node session is refused');
      stream.emit('error', { code: status.PERMISSION_DENIED, details: refusal });
      return earlier;
    }
    const link: NodeLink = {
      nodeId: hello.nodeId,
      bootId: toHex(hello.bootId),
      version: hello.version,
      send: (message) => {
        if (isBackedUp(stream)) return false;
        stream.write(encode(message));
        return true;
      },
      isBackedUp: () => isBackedUp(stream),
      close: () => stream.end(),
    };
    const stock = hello.stock.map(({ sessionId, unspent }) => ({ sessionId: toHex(sessionId), unspent }));
    // Tells the node that its session is accepted, before there is any work.
    stream.sendMetadata(new Metadata());
    await this.events.opened(link, hello.ready, stock);
    this.logger.info({ node: link.nodeId, bootId: link.bootId, batches: stock.length }, 'node connected');
    return link;
  }

  private async later(link: NodeLink, { readiness, ack }: NodeMessage): Promise<void> {
    if (readiness !== undefined) this.sessions.setReady(link, readiness.ready, readiness.reason);
    if (ack === undefined || this.confirmations.take(link.nodeId, ack)) return;
    if (!ack.accepted) await this.events.refused(link.nodeId, ack);
  }

  private refusalOf(stream: Stream, { nodeId, bootId }: Hello): string | undefined {
    const name = stream.getAuthContext().sslPeerCertificate?.subject.CN;
    if (name !== nodeId) return `the certificate is for ${String(name)}, not for ${nodeId}`;
    if (this.peers.get(nodeId)?.role !== 'node') return `${nodeId} is no node of PEERS_FILE`;
    if (bootId.length !== BOOT_ID_BYTES) return `the boot id must have ${BOOT_ID_BYTES} bytes`;
    return undefined;
  }
}

/** The stream counts messages. A healthy node takes even a large batch of tasks in a moment. */
function isBackedUp(stream: Stream): boolean {
  return stream.writableLength >= MOST_UNSENT;
}

function encode(message: ToNode): object {
  if (!('ceremonyStart' in message)) return message;
  const { purpose, ...start } = message.ceremonyStart;
  return { ceremonyStart: { ...start, purpose: PURPOSES[purpose] } };
}
