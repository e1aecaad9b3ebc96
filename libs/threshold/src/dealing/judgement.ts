/** Whom a complaint of round 4 convicts (specification section 3). Public: everyone comes to the same verdict. */
import { type Complaint, judgeComplaint, parseComplaint } from '../sharing/complaint';
import { convictUnless, type DealingRoles, type PublicDealings, shareContext } from './context';
import { ProtocolFailure } from '../errors';
import { entryOf } from './party-map';

export interface Verdict {
  readonly accused: number;
  /** Name of the check that convicts. */
  readonly check: string;
}

/**
 * @throws ProtocolFailure IDENT `r4.form`: convicts the complainer of a malformed complaint, of one about itself or about
 *   nobody who deals, and of any where it receives no share
 */
export function formedComplaint(roles: DealingRoles, complainer: number, payload: Buffer): Complaint {
  const { name, group, dealers, receivers } = roles;
  const complaint = parseComplaint(group, payload);
  const isFormed =
    complaint !== undefined &&
    complaint.accused !== complainer &&
    dealers.includes(complaint.accused) &&
    receivers.includes(complainer);
  convictUnless(isFormed, `${name}.r4.form`, complainer);
  return complaint;
}

/**
 * @param dealings that of the accused at least
 * @throws ProtocolFailure AGREE `r4.dealing` when the complaint is about another message of round 3 than this one: the accused
 *   signed both, or the complainer lies, which only the frames of both can show
 */
export function judge(
  roles: DealingRoles,
  dealings: PublicDealings,
  complainer: number,
  complaint: Complaint,
): Verdict {
  const { name } = roles;
  const dealer = complaint.accused;
  if (!complaint.dealing.equals(entryOf(dealings.digests, dealer))) {
    throw new ProtocolFailure('AGREE', `${name}.r4.dealing`);
  }
  const convicted = judgeComplaint(
    complaint,
    shareContext(roles, dealings, dealer, complainer),
    entryOf(entryOf(dealings.shares, dealer), complainer),
    entryOf(dealings.commitments, dealer),
  );
  return convicted === 'dealer'
    ? { accused: dealer, check: `${name}.r3.share` }
    : { accused: complainer, check: `${name}.r4.unfounded-complaint` };
}
