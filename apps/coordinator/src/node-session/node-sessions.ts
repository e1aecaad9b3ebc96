import { type NodeLink, type ToNode } from '../ports/node-link.port';

interface Session {
  readonly link: NodeLink;
  ready: boolean;
  reason: string;
  readonly since: Date;
}

/** What changed about a node, as this coordinator sees it. */
export interface NodeChange {
  readonly node: string;
  readonly phase: 'joined' | 'ready' | 'left';
}

/** The open session streams of this coordinator: which nodes live, in which life, and the way to reach them. */
export class NodeSessions {
  private readonly sessions = new Map<string, Session>();
  private readonly lastBootIds = new Map<string, string>();
  private readonly listeners: ((change: NodeChange) => void)[] = [];

  onChange(listener: (change: NodeChange) => void): void {
    this.listeners.push(listener);
  }

  /** A new session of a node replaces its earlier one. */
  opened(link: NodeLink, ready: boolean): void {
    const earlier = this.sessions.get(link.nodeId);
    this.sessions.set(link.nodeId, { link, ready, reason: ready ? '' : 'starting', since: new Date() });
    this.lastBootIds.set(link.nodeId, link.bootId);
    earlier?.link.close('the node opened a newer session');
    this.tell({ node: link.nodeId, phase: 'joined' });
  }

  setReady(link: NodeLink, ready: boolean, reason: string): void {
    const session = this.sessions.get(link.nodeId);
    if (session?.link !== link) return;
    session.ready = ready;
    session.reason = reason;
    this.tell({ node: link.nodeId, phase: 'ready' });
  }

  closed(link: NodeLink): void {
    if (this.sessions.get(link.nodeId)?.link !== link) return;
    this.sessions.delete(link.nodeId);
    this.tell({ node: link.nodeId, phase: 'left' });
  }

  /** Boot id of a connected node that takes new work. */
  readyBootId(node: string): string | undefined {
    const session = this.sessions.get(node);
    return session?.ready === true && !session.link.isBackedUp() ? session.link.bootId : undefined;
  }

  isConnected(node: string, bootId: string): boolean {
    return this.sessions.get(node)?.link.bootId === bootId;
  }

  /** Whether this coordinator ever had a session of the node: before that it cannot say that the node is gone. */
  wasSeen(node: string): boolean {
    return this.lastBootIds.has(node);
  }

  describe(node: string): {
    connected: boolean;
    ready: boolean;
    reason: string;
    version: string;
    bootId: string;
  } {
    const session = this.sessions.get(node);
    return {
      connected: session !== undefined,
      ready: session?.ready ?? false,
      reason: session === undefined ? 'not connected' : session.reason,
      version: session?.link.version ?? '',
      bootId: session?.link.bootId ?? this.lastBootIds.get(node) ?? '',
    };
  }

  connectedCount(): number {
    return this.sessions.size;
  }

  /** False when the node is not connected, or takes nothing; what is sent may still be lost with the stream. */
  send(node: string, message: ToNode): boolean {
    return this.sessions.get(node)?.link.send(message) ?? false;
  }

  closeAll(): void {
    for (const { link } of this.sessions.values()) link.close('the coordinator stops');
  }

  private tell(change: NodeChange): void {
    for (const listener of this.listeners) listener(change);
  }
}
