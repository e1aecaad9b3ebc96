import { type FrameSigner, InvalidInput, sessionId as sessionIdOf, systemRandom } from '@quorate/threshold';
import { LoadedShares } from './loaded-shares';
import { openSession } from './protocols';
import { type RunningSession, type Step } from './running-session';
import { type FromThread, type StartSession, type ToThread, type Verdict } from './thread-messages';

/** The shares and running sessions of a protocol thread: one message after the other, each handled to its end. */
export class ProtocolRoom {
  private readonly shares = new LoadedShares();
  private readonly sessions = new Map<string, RunningSession>();

  /**
   * @param post copies the message
   * @param storeVerdict returns when the verdict is stored durably
   */
  constructor(
    private readonly sign: FrameSigner,
    private readonly post: (message: FromThread) => void,
    private readonly storeVerdict: (verdict: Verdict) => void,
  ) {}

  handle(message: ToThread): void {
    switch (message.kind) {
      case 'load-share':
        this.shares.load(message);
        return;
      case 'drop-share':
        this.shares.drop(message.keyId);
        return;
      case 'kill-pair':
        this.shares.killPair(message);
        return;
      case 'await-pair':
        this.shares.awaitPair(message, message.share);
        return;
      case 'revive-pair':
        this.shares.revivePair(message, message.share);
        return;
      case 'announcement':
        if (this.shares.announces(message, message.frame)) {
          const { keyId, epoch, peer } = message;
          this.post({ kind: 'pair-announced', keyId, epoch, peer });
        }
        return;
      case 'start':
        this.start(message);
        return;
      case 'frame': {
        const session = this.sessions.get(message.sessionId);
        if (session !== undefined) this.report(message.sessionId, session.receive(message.frame));
        return;
      }
      case 'abort':
        this.sessions.get(message.sessionId)?.abort();
        this.sessions.delete(message.sessionId);
    }
  }

  /** A start that does not fit the key after all ends as a failure that blames nobody. */
  private start({ start, index, keyId, former }: StartSession): void {
    const sessionId = sessionIdOf(start).toString('hex');
    const held = keyId === undefined ? undefined : this.shares.find(keyId);
    try {
      const session = openSession({
        config: { start, index, sign: this.sign, random: systemRandom },
        ...(held && { held }),
        ...(former && { former }),
        condemn: (peer) =>
          this.storeVerdict({ kind: 'verdict', sessionId, keyId: keyId ?? '', epoch: start.epoch, peer }),
      });
      this.sessions.set(sessionId, session);
      this.report(sessionId, session.start());
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      const failure = { failureClass: 'CONFIG', check: error.message, evidence: [] } as const;
      this.report(sessionId, { outgoing: [], outcome: { kind: 'failure', failure } });
    }
  }

  /** What is secret is posted as a copy, and wiped here; frames may be handed over. */
  private report(sessionId: string, step: Step): void {
    const { outcome, pending, outgoing, dropped } = step;
    if (outcome !== undefined) this.sessions.delete(sessionId);
    if (outgoing.length === 0 && pending === undefined && !outcome && !dropped) return;
    this.post({ kind: 'step', sessionId, ...step });
    pending?.fill(0);
    if (outcome !== undefined && 'share' in outcome) outcome.share.fill(0);
    if (outcome !== undefined && 'batch' in outcome) outcome.batch.fill(0);
  }
}
