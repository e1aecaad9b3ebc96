import { describeHalt, type DurableHalts } from '@quorate/halts';
import { Refused } from '@quorate/platform';
import { encodeCertificate, InvalidInput, type SessionStart } from '@quorate/threshold';
import { type Adoptions } from '../key-share/adoption';
import { type KeyEpoch } from '../key-share/key-epoch';
import { type KeyRing } from '../key-share/key-ring';
import { type Pairs, REKEYS_PER_DAY } from '../key-share/pairs';
import { type PolicySource } from '../policy/policy-source';
import { type CeremonyOrder, commandHashOf, hasCommand } from './ceremony-order';
import { checkKeygenOrder, checkPresignOrder, config } from './check-order';
import { checkRekeyOrder } from './check-rekey';
import { checkReshareOrder } from './check-reshare';
import { type HealthChecks } from './health-check';
import { type FormerEpoch } from './thread-messages';

/** How often a coordinator may have a key refreshed by itself. */
const REFRESH_SECONDS = 600;

/** A ceremony that this node agrees to. */
export interface AdmittedOrder {
  readonly start: SessionStart;
  /** Of a reshare. */
  readonly former?: FormerEpoch;
}

/** Whether the dealers of a reshare are parties of the epoch that it deals. */
function isDealtFrom(
  { oldEpoch, dealers, members }: CeremonyOrder,
  { epoch, members: parties }: KeyEpoch,
): boolean {
  const isParty = (index: number) =>
    members.some((m) => m.index === index && m.nodeId === parties.get(index));
  return epoch === oldEpoch && dealers.every(isParty);
}

/** Decides on orders of ceremonies, by the node's own keys, policy and database. */
export class OrderAdmission {
  constructor(
    private readonly parts: {
      readonly keys: KeyRing;
      readonly adoptions: Adoptions;
      readonly pairs: Pairs;
      readonly policy: PolicySource;
      readonly halts: DurableHalts;
      readonly health: HealthChecks;
    },
  ) {}

  /**
   * @param now seconds since 1970
   * @throws Refused with what this node does not agree to
   */
  async admit(order: CeremonyOrder, now: number): Promise<AdmittedOrder> {
    try {
      return await this.check(order, now);
    } catch (error) {
      if (error instanceof InvalidInput) throw config(error.message);
      throw error;
    }
  }

  private async check(order: CeremonyOrder, now: number): Promise<AdmittedOrder> {
    const { keys, pairs, policy, health } = this.parts;
    if (!hasCommand(order)) this.checkNotHalted(order);
    switch (order.purpose) {
      case 'dkg': {
        const start = checkKeygenOrder(order, policy.current(), now);
        await this.checkUnused(order);
        return { start };
      }
      case 'presign':
      case 'health': {
        const start = checkPresignOrder(order, keys.get(order.keyId), pairs.deadPeersOf(order.keyId));
        if (order.purpose === 'health') await health.admit(order);
        return { start };
      }
      case 'reshare':
        return this.reshare(order, now);
      case 'rekey': {
        const { start, peer } = checkRekeyOrder(order, keys.get(order.keyId), policy.current(), now);
        await this.checkUnused(order);
        const { keyId, epoch } = order;
        if ((await pairs.rekeysOfToday({ keyId, epoch, peer })) >= REKEYS_PER_DAY) {
          throw config(`the pair was re-keyed ${REKEYS_PER_DAY} times within a day: replace the node`);
        }
        return { start };
      }
    }
  }

  private async reshare(order: CeremonyOrder, now: number): Promise<AdmittedOrder> {
    const { keys, adoptions, policy } = this.parts;
    const { keyId } = order;
    const known = adoptions.newest(keyId);
    const newest = known.find((epoch) => isDealtFrom(order, epoch)) ?? known[0];
    const lastEpoch = Math.max(keys.lastEpochOf(keyId) ?? 0, newest?.epoch ?? 0);
    const isRetired = keys.statusOf(keyId) === 'retired';
    const start = checkReshareOrder(order, { newest, isRetired, lastEpoch }, policy.current(), now);
    if (newest === undefined) throw config(`this node knows no certificate of key ${keyId}`);
    if (hasCommand(order)) await this.checkUnused(order);
    else if (await keys.wasRefreshedWithin(keyId, REFRESH_SECONDS)) {
      throw config(`key ${keyId} was refreshed less than ${REFRESH_SECONDS} s ago`);
    }
    const { certificate } = newest;
    const former = {
      certificate: encodeCertificate(certificate),
      identities: certificate.identities,
      lastEpoch,
    };
    return { start, former };
  }

  /** A halt stops what coordinators order by themselves; operators go on with what they need to end it. */
  private checkNotHalted({ keyId }: CeremonyOrder): void {
    const halt = this.parts.halts.covering({ keyId, requesters: [] });
    if (halt !== undefined) throw new Refused('halted', describeHalt(halt));
  }

  private async checkUnused({ command }: CeremonyOrder): Promise<void> {
    if (await this.parts.keys.isCommandUsed(commandHashOf(command))) {
      throw new Refused('operator', 'this command was carried out before: sign a new one');
    }
  }
}
