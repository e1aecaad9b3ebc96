/** The two rounds of a nonce session as one ceremony: commitments, then the digest of all of them. */
import { ProtocolFailure } from '../errors';
import { OwnedSecrets } from '../owned-secrets';
import { type RoundExpectation } from '../session/mailbox';
import { type Advance, type Ceremony, type RoundMessages, type RoundPayloads } from '../session/session';
import { type NonceBroadcast, type NonceContext, nonceDigest, nonceIdOf } from './context';
import { type Commitment, generateNonce, type Nonce } from './nonce';
import { type NonceBatch } from './nonce-batch';
import { encodeNonceBroadcast, nonceRounds, parseNonceBroadcast } from './payloads';

const RANDOM_BYTES = 32;

/** What all members broadcast in round 1, by member, ascending. */
interface Round1 {
  readonly broadcasts: ReadonlyMap<number, NonceBroadcast>;
  readonly digest: Buffer;
}

/** One party's mathematics, without transport. */
export class NonceCeremony implements Ceremony<NonceBatch> {
  readonly rounds: readonly RoundExpectation[];
  private readonly secrets = new OwnedSecrets();
  private own: readonly Pick<Nonce, 'hiding' | 'binding'>[] = [];
  private round1?: Round1;

  constructor(private readonly context: NonceContext) {
    this.rounds = nonceRounds(context.suite.group, context.batch);
  }

  begin(exchangeKey: Buffer): RoundPayloads {
    const { suite, key, random, batch } = this.context;
    const generate = () => this.secrets.own(generateNonce(suite, key.share, random));
    this.own = Array.from({ length: batch }, () => ({ hiding: generate(), binding: generate() }));
    const commitments = this.own.map(({ hiding, binding }): Commitment => ({
      hiding: suite.group.multiplyBase(hiding),
      binding: suite.group.multiplyBase(binding),
    }));
    return { broadcast: encodeNonceBroadcast({ nonce: random(RANDOM_BYTES), exchangeKey, commitments }) };
  }

  /**
   * @throws ProtocolFailure IDENT `frost.r1.commitment`, for a point that is not valid; AGREE `frost.r2.digest`, when
   *   members saw different commitments
   */
  advance(_round: number, messages: RoundMessages): Advance<NonceBatch> {
    if (!this.round1) {
      this.round1 = this.readRound1(messages);
      return { kind: 'send', payloads: { broadcast: this.round1.digest } };
    }
    const { digest } = this.round1;
    for (const j of this.context.peers) {
      if (!messages.broadcast(j).equals(digest)) throw new ProtocolFailure('AGREE', 'frost.r2.digest');
    }
    return { kind: 'result', value: this.batch(this.round1) };
  }

  wipe(): void {
    this.secrets.wipe();
  }

  private readRound1(messages: RoundMessages): Round1 {
    const { psid, committee, suite } = this.context;
    const broadcasts = new Map<number, NonceBroadcast>();
    for (const j of committee) {
      const broadcast = parseNonceBroadcast(suite.group, messages.broadcast(j));
      if (!broadcast) throw new ProtocolFailure('IDENT', 'frost.r1.commitment', j);
      broadcasts.set(j, broadcast);
    }
    return { broadcasts, digest: nonceDigest(psid, broadcasts) };
  }

  private batch({ broadcasts, digest }: Round1): NonceBatch {
    const { psid, committee, bootIds, key } = this.context;
    const { suite, keyId, epoch } = key;
    const nonces = this.own.map(({ hiding, binding }, p): Nonce => {
      const commitments = new Map<number, Commitment>();
      for (const [j, broadcast] of broadcasts) {
        const commitment = broadcast.commitments[p];
        if (commitment) commitments.set(j, commitment);
      }
      const nonceId = nonceIdOf(psid, digest, p);
      for (const secret of [hiding, binding]) this.secrets.release(secret);
      return { nonceId, suite, keyId, epoch, commitments, hiding, binding };
    });
    return { suite, sid: psid, digest, keyId, epoch, committee, bootIds, nonces };
  }
}
