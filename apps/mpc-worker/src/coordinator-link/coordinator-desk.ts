import { asQuorateError, type Logger } from '@quorate/platform';
import { type Ceremonies } from '../ceremony/ceremonies';
import { NODE_VERSION, type NodeIdentity } from '../identity/node-identity';
import { PresignaturePool } from '../presignature-pool/presignature-pool';
import { type SignDesk } from '../sign-task/sign-desk';
import { type LinkListener } from './coordinator-link';
import { ceremonyOrderOf, type CoordinatorMessage, type NodeMessage, signTaskOf } from './messages';

/** Takes the work that coordinators hand out, and says why when it does not. */
export class CoordinatorDesk implements LinkListener {
  constructor(
    private readonly parts: {
      readonly identity: NodeIdentity;
      readonly pool: PresignaturePool;
      readonly ceremonies: Ceremonies;
      readonly desk: SignDesk;
      readonly logger: Logger;
      readonly isReady: () => boolean;
    },
  ) {}

  hello(): NodeMessage {
    const { identity, pool } = this.parts;
    return {
      hello: {
        nodeId: identity.nodeId,
        bootId: identity.bootId,
        version: NODE_VERSION,
        ready: this.parts.isReady(),
        stock: pool.list().map((batch) => ({
          sessionId: batch.sessionId,
          keyId: batch.keyId,
          epoch: batch.epoch,
          committee: [...batch.committee],
          unspent: PresignaturePool.unspentBitmap(batch),
        })),
      },
    };
  }

  message(message: CoordinatorMessage, reply: (message: NodeMessage) => void): void {
    const { pool, ceremonies, desk } = this.parts;
    if (message.signTask !== undefined) {
      const task = message.signTask;
      this.acknowledge(task.taskId, reply, async () => desk.take(signTaskOf(task)));
    } else if (message.ceremonyStart !== undefined) {
      const start = message.ceremonyStart;
      this.acknowledge(start.sessionId.toString('hex'), reply, async () =>
        ceremonies.join(ceremonyOrderOf(start)),
      );
    } else if (message.discard !== undefined) {
      const { sessionId } = message.discard;
      pool.discard((batch) => batch.sessionId.equals(sessionId));
    }
  }

  private acknowledge(
    taskId: string,
    reply: (message: NodeMessage) => void,
    take: () => Promise<void>,
  ): void {
    take()
      .then(() => reply({ ack: { taskId, accepted: true, code: '', reason: '' } }))
      .catch((thrown: unknown) => {
        const error = asQuorateError(thrown);
        const { logger } = this.parts;
        logger[error.kind === 'fatal' ? 'error' : 'warn']({ err: error, taskId }, 'work refused');
        reply({ ack: { taskId, accepted: false, code: error.code, reason: error.message } });
      });
  }
}
