import { readFileSync } from 'node:fs';
import {
  type ChannelCredentials,
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { Fatal, type Logger } from '@quorate/platform';
import { protoPath } from '@quorate/protocol';
import { type CoordinatorMessage, type NodeMessage } from './messages';

const RECONNECT_MS = 500;

/** The gRPC files of a node: one CA, and the certificate whose CN is the node id. */
export interface LinkFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface LinkListener {
  /** First message of each stream. */
  hello(): NodeMessage;
  /** Returns messages to send back, when the promise has resolved. */
  message(message: CoordinatorMessage, reply: (message: NodeMessage) => void): void;
}

type SessionStream = ClientDuplexStream<NodeMessage, CoordinatorMessage>;
interface SessionClient {
  open(): SessionStream;
  close(): void;
}

/** @throws Fatal naming the file that cannot be read */
export function linkCredentials(files: LinkFiles): ChannelCredentials {
  const read = (file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (error) {
      throw new Fatal('grpc-files', `${file} cannot be read: ${(error as Error).message}`);
    }
  };
  return credentials.createSsl(read(files.caFile), read(files.keyFile), read(files.certFile));
}

/** One open stream to one coordinator, opened again whenever it ends. */
export class CoordinatorLink {
  private readonly client: SessionClient;
  private stream: SessionStream | undefined;
  private retry: NodeJS.Timeout | undefined;
  private stopped = false;
  /** Whether the coordinator accepted the stream and it is still open. */
  isOpen = false;

  constructor(
    private readonly address: string,
    channelCredentials: ChannelCredentials,
    private readonly listener: LinkListener,
    private readonly logger: Logger,
  ) {
    this.client = sessionClient(address, channelCredentials);
  }

  start(): void {
    const stream = this.client.open();
    this.stream = stream;
    stream.on('metadata', () => {
      this.isOpen = true;
      this.logger.info({ coordinator: this.address }, 'session open');
    });
    stream.on('data', (message: CoordinatorMessage) =>
      this.listener.message(message, (reply) => {
        if (this.stream === stream) stream.write(reply);
      }),
    );
    stream.on('error', (error: Error) => this.reopen(stream, error.message));
    stream.on('end', () => this.reopen(stream, 'the coordinator ended the stream'));
    stream.write(this.listener.hello());
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.retry);
    this.stream?.cancel();
    this.client.close();
  }

  private reopen(stream: SessionStream, reason: string): void {
    if (this.stream !== stream) return;
    this.stream = undefined;
    if (this.isOpen) this.logger.warn({ coordinator: this.address, reason }, 'session closed');
    this.isOpen = false;
    if (!this.stopped) this.retry = setTimeout(() => this.start(), RECONNECT_MS);
  }
}

function sessionClient(address: string, channelCredentials: ChannelCredentials): SessionClient {
  const definition = loadPackageDefinition(
    loadSync(protoPath('node_session'), { longs: Number, enums: String, defaults: true, oneofs: true }),
  );
  // The generated client is untyped: this is the one place where its shape is asserted.
  const { quorate } = definition as unknown as {
    quorate: {
      node: {
        v1: {
          NodeSession: new (
            address: string,
            credentials: ChannelCredentials,
            options: object,
          ) => SessionClient;
        };
      };
    };
  };
  return new quorate.node.v1.NodeSession(address, channelCredentials, {
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 2_000,
    'grpc.keepalive_time_ms': 5_000,
    'grpc.keepalive_timeout_ms': 3_000,
  });
}
