/** Sends the same raw transaction to all endpoints at once. */
import { type SendVerdict } from '@quorate/evm';

import {
  aggregate,
  type BroadcastVerdict,
  contradict,
  type EndpointVerdict,
  hasIt,
} from './broadcast-verdict';
import { SendMemory } from './send-memory';

/** Where transactions can be sent. */
export interface SendTarget {
  readonly name: string;
  /** Sends once; never throws, and answers within the time limit of calls. */
  send(raw: string, hash: string): Promise<SendVerdict>;
}

/** What came of a broadcast when every endpoint has answered or given up. */
export interface BroadcastReport {
  verdict: BroadcastVerdict;
  answers: EndpointVerdict[];
}

/** A broadcast that is under way; neither promise is ever rejected. */
export interface Broadcast {
  /** `pooled` as soon as the first endpoint has it, otherwise the verdict of all. */
  readonly first: Promise<BroadcastVerdict>;
  readonly all: Promise<BroadcastReport>;
}

/** Told of every answer, and of every finished broadcast whose answers contradict each other. */
export interface FanOutListener {
  answered: (answer: EndpointVerdict, hash: string, milliseconds: number) => void;
  /** An endpoint took a transaction as new, though it had it. */
  evicted: (endpoint: string, hash: string) => void;
  contradicted: (answers: readonly EndpointVerdict[], hash: string) => void;
}

export class FanOut {
  private readonly memory = new SendMemory();

  constructor(
    private readonly listener: FanOutListener,
    private readonly now: () => number,
  ) {}

  /**
   * Sends `raw` to every target, and collects what they say.
   *
   * @param everAccepted whether an endpoint is known to have had it, before this process began, too.
   */
  broadcast(targets: readonly SendTarget[], raw: string, hash: string, everAccepted: boolean): Broadcast {
    const names = targets.map(({ name }) => name);
    const answers = targets.map((target) => this.ask(target, raw, hash));
    const all = Promise.all(answers).then((given) => {
      if (contradict(given)) this.listener.contradicted(given, hash);
      const earlier = this.memory.earlier(hash, names);
      const accepted = everAccepted || earlier.accepted;
      return { verdict: aggregate(given, { ...earlier, accepted }), answers: given };
    });
    const taken = new Promise<BroadcastVerdict>((resolve) => {
      for (const answer of answers) {
        void answer.then(({ verdict }) => hasIt(verdict) && resolve({ kind: 'pooled' }));
      }
    });
    return { first: Promise.race([taken, all.then(({ verdict }) => verdict)]), all };
  }

  private async ask(target: SendTarget, raw: string, hash: string): Promise<EndpointVerdict> {
    const began = this.now();
    const answer = { endpoint: target.name, verdict: await target.send(raw, hash) };
    if (answer.verdict.kind === 'accepted' && this.memory.hadIt(hash, target.name))
      this.listener.evicted(target.name, hash);
    this.memory.note(hash, answer);
    this.listener.answered(answer, hash, this.now() - began);
    return answer;
  }
}
