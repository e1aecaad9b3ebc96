import { FirstEvents, type Missing, nameOf, type Rule, type StoryEvent } from './rule';
import { type Violation } from '../violation';

/** Every transaction that was sent carries a signature that was completed; the nonces of a lane have no gap. */
export class TransactionRule implements Rule {
  private readonly signed = new FirstEvents();
  private readonly sent = new FirstEvents();
  private readonly completed = new Set<string>();
  private readonly lanes = new Map<string, Map<bigint, StoryEvent>>();

  get transactions(): number {
    return [...this.sent.entries()].length;
  }

  take(event: StoryEvent): Violation[] {
    const { type, data, streamId } = event;
    switch (type) {
      case 'quorate.sign.completed.v1':
        this.completed.add(String(data['requestId']));
        break;
      case 'quorate.tx.signed.v1':
        this.signed.add(nameOf(streamId, String(data['hash'])), event);
        break;
      case 'quorate.tx.broadcast.v1':
        this.sent.add(nameOf(streamId, String(data['hash'])), event);
        break;
      case 'quorate.tx.nonce-reserved.v1':
      case 'quorate.tx.filler-created.v1':
        this.reserve(event);
        break;
    }
    return [];
  }

  finish(): Missing[] {
    const unsigned = [...this.sent.entries()].flatMap(([name, event]) => {
      const missing = (reason: string): Missing[] => [
        { index: event.index, rule: 'sent-unsigned', reason, since: event.reachedAt },
      ];
      const hash = String(event.data['hash']);
      const signed = this.signed.get(name);
      if (signed === undefined)
        return missing(`${hash} was sent, and no attempt of its intent was signed with it`);
      return this.completed.has(String(signed.data['requestId']))
        ? []
        : missing(`${hash} was sent, and the request for its signature was not completed`);
    });
    return [...unsigned, ...[...this.lanes].flatMap(([lane, nonces]) => gapsOf(lane, nonces))];
  }

  private reserve(event: StoryEvent): void {
    const lane = nameOf(String(event.data['chainId']), String(event.data['from']));
    const nonces = this.lanes.get(lane) ?? new Map<bigint, StoryEvent>();
    this.lanes.set(lane, nonces);
    const nonce = event.data['nonce'];
    if (typeof nonce === 'string' && /^[0-9]{1,20}$/.test(nonce)) nonces.set(BigInt(nonce), event);
  }
}

function gapsOf(lane: string, nonces: ReadonlyMap<bigint, StoryEvent>): Missing[] {
  const inOrder = [...nonces].sort(([a], [b]) => (a < b ? -1 : 1));
  return inOrder.flatMap(([nonce, event], i) => {
    const before = inOrder[i - 1]?.[0];
    if (before === undefined || before + 1n === nonce) return [];
    const reason = `the lane ${lane} goes from nonce ${before} to ${nonce}`;
    return [{ index: event.index, rule: 'nonce-gap', reason, since: event.reachedAt }];
  });
}
