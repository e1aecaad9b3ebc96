/** Why a node with a policy would sign a request, or would not: the same rules on the same facts as in the node. */
import {
  checkIntentTransaction,
  encodeUnsignedTransaction,
  payloadDigest,
  type UnsignedTransaction,
} from '@quorate/evm';
import { Invalid } from '@quorate/platform';
import {
  type Charge,
  chargesOf,
  chargesOfCancel,
  checkWindow,
  type ClientEntry,
  describeCall,
  explainCancel,
  explainPolicy,
  type Policy,
  type PolicySubject,
  subjectOf,
} from '@quorate/policy';
import {
  checkExpiry,
  openEmbeddedIntent,
  readStrictJson,
  schemaIssues,
  type SignRequest,
  signRequestSchema,
  type TxIntent,
  txIntentSchema,
} from '@quorate/protocol';

export interface Finding {
  readonly rule: string;
  readonly allowed: boolean;
  readonly reason: string;
}

/** What the decision rests on; amounts in wei. */
export interface Facts {
  readonly requester: string;
  readonly id: string;
  readonly keyId: string;
  readonly path: string;
  readonly payloadKind: string;
  /** Absent for an intent: its nonce and fees are not decided yet. */
  readonly digest?: string;
  readonly chainId?: string;
  readonly to?: string | null;
  readonly value?: string;
  readonly gasLimit?: string;
  readonly maxFeePerGas?: string;
  readonly call?: ReturnType<typeof describeCall>;
}

export interface Explanation {
  readonly allowed: boolean;
  /** The rule that refuses, as in `details.rule` of a final. */
  readonly rule?: string;
  readonly reason?: string;
  readonly facts: Facts;
  /** Every rule that applies, in the order in which a node asks them. */
  readonly findings: readonly Finding[];
}

/** What a gas limit can be at most: 64 bits. */
const MOST_GAS = 2n ** 64n - 1n;

type Circumstances = Pick<PolicySubject, 'at' | 'approvedBy'>;

/**
 * Explains the decision on a sign request or an intent, as its exact JSON. Signatures of the request are not looked at, and
 * windows are taken as unused.
 *
 * @throws Invalid when it is neither
 */
export function explainRequest(policy: Policy, value: Uint8Array, circumstances: Circumstances): Explanation {
  const json = readStrictJson(value);
  if (!json.ok) throw new Invalid('request', json.reason);
  const schema = 'intentId' in json.data ? txIntentSchema : signRequestSchema;
  const parsed = schema.safeParse(json.data);
  const [problem] = [...json.problems, ...(parsed.success ? [] : schemaIssues(parsed.error))];
  if (problem !== undefined || !parsed.success) throw new Invalid('request', problem);
  return 'intentId' in parsed.data
    ? explainIntent(policy, parsed.data, circumstances)
    : explainSignRequest(policy, parsed.data, circumstances);
}

/** An intent before it has a nonce: judged at its ceilings. */
function explainIntent(policy: Policy, intent: TxIntent, circumstances: Circumstances): Explanation {
  const { requester, intentId: id, keyId, path = 'm', to, value, data, maxFeePerGas } = intent;
  const transaction = encodeUnsignedTransaction({
    ...{ chainId: BigInt(intent.chainId), nonce: 0, to, value: BigInt(value), data },
    ...{ maxFeePerGas: BigInt(maxFeePerGas), maxPriorityFeePerGas: 0n, gasLimit: gasCeiling(intent) },
  });
  const subject: PolicySubject = { keyId, path, payloadKind: 'evm-intent', transaction, ...circumstances };
  const client = clientOf(policy, requester);
  const facts = { requester, id, keyId, path, payloadKind: 'evm-intent', ...factsOf(transaction, client) };
  const expiry = expiryFinding(intent.expiresAt, circumstances.at);
  return judged(facts, [expiry, ...clientFindings(client, requester, subject)]);
}

/** The gas limit of the intent, or the most that its maxCost pays for at its highest fee. */
function gasCeiling({ gasLimit, maxCost, value, maxFeePerGas }: TxIntent): bigint {
  if (gasLimit !== undefined) return BigInt(gasLimit);
  const left = BigInt(maxCost) - BigInt(value);
  const gas = left < 0n ? 0n : left / (BigInt(maxFeePerGas) || 1n);
  return gas > MOST_GAS ? MOST_GAS : gas;
}

function explainSignRequest(policy: Policy, request: SignRequest, circumstances: Circumstances): Explanation {
  const { requester, requestId: id, keyId, path = 'm', payload } = request;
  const subject = subjectOf(request, circumstances);
  const { transaction } = subject;
  const digest = payload.kind === 'bytes' ? undefined : (transaction?.digest ?? payloadDigest(payload));
  const facts = {
    ...{ requester, id, keyId, path, payloadKind: payload.kind },
    ...(digest !== undefined && { digest }),
    ...factsOf(transaction, clientOf(policy, requester)),
  };
  const expiry = expiryFinding(request.expiresAt, circumstances.at);
  const entry = policy.requesters.get(requester)?.entry;
  if (entry?.role !== 'submitter') {
    return judged(facts, [expiry, ...clientFindings(clientOf(policy, requester), requester, subject)]);
  }
  if (transaction !== undefined && payload.kind === 'evm-cancel') {
    const windows = windowFindings(chargesOfCancel(entry));
    return judged(facts, [expiry, ...explainCancel(entry, transaction), ...windows]);
  }
  if (transaction === undefined || payload.kind !== 'evm-intent') {
    const reason = 'a submitter has transactions signed for intents only';
    return judged(facts, [expiry, { rule: 'payload-kind', allowed: false, reason }]);
  }
  const opened = openEmbeddedIntent(payload, (kid) =>
    policy.requesters.get(kid)?.keys.at(circumstances.at.getTime()),
  );
  if (!opened.ok) return judged(facts, [expiry, { rule: 'intent', allowed: false, reason: opened.reason }]);
  const { intent, isRaised } = opened;
  const broken = checkIntentTransaction(transaction, intent, { keyId, path });
  const match = {
    rule: broken === undefined ? 'intent' : `intent-${broken.rule}`,
    allowed: broken === undefined,
    reason:
      broken?.reason ?? `the transaction does what intent ${intent.intentId} of ${intent.requester} asks for`,
  };
  const client = clientOf(policy, intent.requester);
  // Approvals are of the intent's own bytes, not of what amendments allow beyond.
  const approvedBy = isRaised ? [] : subject.approvedBy;
  const findings = clientFindings(client, intent.requester, { ...subject, approvedBy });
  return judged(facts, [expiry, match, ...findings]);
}

function clientOf(policy: Policy, kid: string): ClientEntry | undefined {
  const entry = policy.requesters.get(kid)?.entry;
  return entry?.role === 'client' ? entry : undefined;
}

function clientFindings(entry: ClientEntry | undefined, kid: string, subject: PolicySubject): Finding[] {
  if (entry === undefined) {
    return [{ rule: 'unauthorized', allowed: false, reason: `the policy has no client ${kid}` }];
  }
  return [...explainPolicy(entry, subject), ...windowFindings(chargesOf(entry, subject))];
}

function windowFindings(charges: readonly Charge[]): Finding[] {
  return charges.flatMap((charge) => charge.windows.map((window) => checkWindow(charge, window, 0n)));
}

function expiryFinding(expiresAt: string, at: Date): Finding {
  const expired = checkExpiry(expiresAt, at) === 'expired';
  return {
    rule: 'expired',
    allowed: !expired,
    reason: `expiresAt ${expiresAt} ${expired ? 'has passed' : 'is ahead'}`,
  };
}

function factsOf(
  transaction: UnsignedTransaction | undefined,
  entry: ClientEntry | undefined,
): Partial<Facts> {
  if (transaction === undefined) return {};
  const { chainId, to, value, gasLimit, maxFeePerGas } = transaction;
  const call = entry && describeCall(entry, transaction);
  return {
    ...{ chainId: String(chainId), to, value: String(value) },
    ...{ gasLimit: String(gasLimit), maxFeePerGas: String(maxFeePerGas) },
    ...(call !== undefined && { call }),
  };
}

function judged(facts: Facts, findings: readonly Finding[]): Explanation {
  const broken = findings.find(({ allowed }) => !allowed);
  const refusal = broken && { rule: broken.rule, reason: broken.reason };
  return { allowed: broken === undefined, ...refusal, facts, findings };
}
