import { type IntentState } from './intent';

/** An intent as the events up to a version of its stream tell. */
export interface RememberedIntent {
  version: number;
  state: IntentState;
  /** When its first event was stored; undefined before. */
  receivedAt: Date | undefined;
}

/** Some times what a lane may have on its way. */
const mostIntents = 40_000;

/**
 * Open intents as the last commits of this process left them, so that only the versions of their streams must be read.
 * Another process may have taken them on since: what has another version by then is read anew.
 */
export class IntentMemory {
  private readonly intents = new Map<string, RememberedIntent>();

  recall(streamId: string, version: number): RememberedIntent | undefined {
    const found = this.intents.get(streamId);
    return found?.version === version ? found : undefined;
  }

  /** After the commit that stored what led to it. */
  remember(streamId: string, { version, state, receivedAt }: RememberedIntent): void {
    this.intents.delete(streamId);
    if (state.stage === 'ended' || state.stage === 'unknown') return;
    this.intents.set(streamId, { version, state, receivedAt });
    const [oldest] = this.intents.keys();
    if (this.intents.size > mostIntents && oldest !== undefined) this.intents.delete(oldest);
  }
}
