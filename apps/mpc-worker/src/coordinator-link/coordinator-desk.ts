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
    },
  ) {}

  hello(): NodeMessage {
    const { identity, pool } = this.parts;
    return {
      hello: {
        nodeId: identity.nodeId,
        bootId: identity.bootId,
        version: NODE_VERSION,
        // The link opens when the node can do its work.
        ready: true,
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

  /** A task that is taken is answered by a record on mpc.partials; one that is not, at once and with the reason. */
  message(message: CoordinatorMessage, reply: (message: NodeMessage) => void): void {
    this.take(message).catch((thrown: unknown) => {
      const { signTask, ceremonyStart } = message;
      const taskId = signTask?.taskId ?? ceremonyStart?.sessionId.toString('hex') ?? '';
      const error = asQuorateError(thrown);
      const { logger } = this.parts;
      logger[error.kind === 'fatal' ? 'error' : 'warn']({ err: error, taskId }, 'work refused');
      reply({ ack: { taskId, accepted: false, code: error.code, reason: error.message } });
    });
  }

  private async take({ signTask, ceremonyStart, discard }: CoordinatorMessage): Promise<void> {
    const { pool, ceremonies, desk } = this.parts;
    if (signTask !== undefined) desk.take(signTaskOf(signTask));
    else if (ceremonyStart !== undefined) await ceremonies.join(ceremonyOrderOf(ceremonyStart));
    else if (discard !== undefined) pool.discard((batch) => batch.sessionId.equals(discard.sessionId));
  }
}
