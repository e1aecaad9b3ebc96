/** How long nodes may take to confirm: whoever gives a command waits no longer to hear where it holds. */
const PATIENCE_MS = 2_000;

/** What a node said to an operators' command. */
export interface Confirmation {
  readonly nodeId: string;
  readonly state: 'confirmed' | 'refused' | 'silent' | 'not-connected';
  /** Why it was refused. */
  readonly reason: string;
}

/** Which nodes refused, and why; empty when none did. */
export function refusalsIn(confirmations: readonly Confirmation[]): string {
  return confirmations
    .filter(({ state }) => state === 'refused')
    .map(({ nodeId, reason }) => `${nodeId}: ${reason}`)
    .join('; ');
}

interface Acknowledgement {
  readonly taskId: string;
  readonly accepted: boolean;
  readonly reason: string;
}

/** Hands commands to nodes and gathers what they say to them. */
export class NodeConfirmations {
  private readonly awaited = new Map<string, (nodeId: string, ack: Acknowledgement) => void>();

  /**
   * @param taskId what the nodes' acknowledgements name
   * @param send hands it to one node; false when the node is not connected
   */
  async ask(
    taskId: string,
    nodes: readonly string[],
    send: (nodeId: string) => boolean,
  ): Promise<Confirmation[]> {
    const found = new Map<string, Confirmation>();
    const sameCommand = this.awaited.get(taskId);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      const note = (confirmation: Confirmation): void => {
        if (found.get(confirmation.nodeId)?.state === 'refused') return;
        found.set(confirmation.nodeId, confirmation);
        if (found.size < nodes.length) return;
        clearTimeout(timer);
        resolve();
      };
      this.awaited.set(taskId, (nodeId, ack) => {
        sameCommand?.(nodeId, ack);
        note({ nodeId, state: ack.accepted ? 'confirmed' : 'refused', reason: ack.reason });
      });
      for (const nodeId of nodes) if (!send(nodeId)) note({ nodeId, state: 'not-connected', reason: '' });
    });
    this.awaited.delete(taskId);
    return nodes.map((nodeId) => found.get(nodeId) ?? { nodeId, state: 'silent', reason: '' });
  }

  /** @returns whether the acknowledgement was one of these */
  take(nodeId: string, ack: Acknowledgement): boolean {
    const note = this.awaited.get(ack.taskId);
    note?.(nodeId, ack);
    return note !== undefined;
  }
}
