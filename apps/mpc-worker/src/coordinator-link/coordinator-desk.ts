import { commandId } from '@quorate/halts';
import { asQuorateError, type Logger } from '@quorate/platform';
import { type Ceremonies } from '../ceremony/ceremonies';
import { type OperatorHalts } from '../halt/operator-halts';
import { NODE_VERSION, type NodeIdentity } from '../identity/node-identity';
import { type Retirement } from '../key-share/retirement';
import { PresignaturePool } from '../presignature-pool/presignature-pool';
import { type SignDesk } from '../sign-task/sign-desk';
import { type LinkListener } from './coordinator-link';
import {
  ceremonyOrderOf,
  type CoordinatorMessage,
  foundHaltsOf,
  type NodeMessage,
  signTaskOf,
} from './messages';

/** Takes the work that coordinators hand out, and says why when it does not. */
export class CoordinatorDesk implements LinkListener {
  constructor(
    private readonly parts: {
      readonly identity: NodeIdentity;
      readonly pool: PresignaturePool;
      readonly ceremonies: Ceremonies;
      readonly desk: SignDesk;
      readonly halts: OperatorHalts;
      readonly retirement: Retirement;
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
    const taskId = taskIdOf(message);
    const taken = this.take(message).then(() => {
      // Who gives a command wants to know where it holds.
      if (message.halt ?? message.resume ?? message.keyCommand)
        reply({ ack: { taskId, accepted: true, code: '', reason: '' } });
    });
    taken.catch((thrown: unknown) => {
      const error = asQuorateError(thrown);
      const { logger } = this.parts;
      logger[error.kind === 'fatal' ? 'error' : 'warn']({ err: error, taskId }, 'work refused');
      reply({ ack: { taskId, accepted: false, code: error.code, reason: error.message } });
    });
  }

  private async take(message: CoordinatorMessage): Promise<void> {
    const { signTask, ceremonyStart, discard, halt, resume, keyCommand } = message;
    const { pool, ceremonies, desk, halts, retirement } = this.parts;
    if (signTask !== undefined) desk.take(signTaskOf(signTask));
    else if (ceremonyStart !== undefined) await ceremonies.join(ceremonyOrderOf(ceremonyStart));
    else if (discard !== undefined) pool.discard((batch) => batch.sessionId.equals(discard.sessionId));
    else if (halt !== undefined) await halts.halt(halt);
    else if (resume !== undefined) await halts.resume(resume, foundHaltsOf(resume));
    else if (keyCommand !== undefined)
      ceremonies.keyRetired(await retirement.retire(keyCommand, Math.floor(Date.now() / 1000)));
  }
}

function taskIdOf({ signTask, ceremonyStart, halt, resume, keyCommand }: CoordinatorMessage): string {
  if (signTask !== undefined) return signTask.taskId;
  if (ceremonyStart !== undefined) return ceremonyStart.sessionId.toString('hex');
  const signed = halt ?? resume ?? keyCommand;
  return signed === undefined ? '' : commandId(signed.command);
}
