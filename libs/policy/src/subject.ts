/** What a policy decides on: facts that the node computed itself from the client's signed bytes. */
import { decodeUnsignedTransaction, type UnsignedTransaction } from '@quorate/evm';
import { type PayloadKind, type SignRequest, type TypedData } from '@quorate/protocol';

export interface PolicySubject {
  readonly keyId: string;
  /** `m` for the root key. */
  readonly path: string;
  readonly payloadKind: PayloadKind;
  /** The node's own clock. */
  readonly at: Date;
  /** Kids of the entry's approvers whose approval of exactly these bytes was verified. */
  readonly approvedBy: readonly string[];
  /** The transaction that would be signed. */
  readonly transaction?: UnsignedTransaction;
  readonly typedData?: TypedData;
}

/**
 * The subject of a request: its payload is decoded here, nothing that anybody says about it is used.
 *
 * @throws Invalid when it carries a transaction that is not well formed.
 */
export function subjectOf(
  { keyId, path = 'm', payload }: Pick<SignRequest, 'keyId' | 'path' | 'payload'>,
  circumstances: Pick<PolicySubject, 'at' | 'approvedBy'>,
): PolicySubject {
  return {
    keyId,
    path,
    payloadKind: payload.kind,
    ...circumstances,
    ...('unsigned' in payload && { transaction: decodeUnsignedTransaction(payload.unsigned) }),
    ...(payload.kind === 'eip712' && { typedData: payload.typedData }),
  };
}
