import { randomBytes, randomUUID } from 'node:crypto';
import { type RecordSigner } from '@quorate/protocol';
import { Transaction } from 'ethers';

/** A sign request as a coordinator passes it on: exact bytes and their signature. */
export interface SignedRequest {
  readonly requester: string;
  readonly requestId: string;
  readonly value: Buffer;
  readonly jws: string;
}

const LIFETIME_MS = 10 * 60_000;
/** Far above every nonce that the lane will reach: its own transactions are left alone. */
const FAR_NONCE = 1_000_000_000;

/** Requests that compromised parties make up: some well signed, and none of them to be signed by nodes unless said so. */
export class ForgedRequests {
  constructor(
    private readonly keyId: string,
    private readonly chainId: string,
    private readonly client: RecordSigner,
    private readonly submitter: RecordSigner,
  ) {}

  /** What policy allows. */
  good(): SignedRequest {
    return this.signed(this.client, { payload: { kind: 'eip191', message: hex(20) } });
  }

  expired(): SignedRequest {
    const expiresAt = new Date(Date.now() - 5000).toISOString();
    return this.signed(this.client, { payload: { kind: 'eip191', message: hex(20) }, expiresAt });
  }

  /** The demo requester may not have raw digests signed. */
  rawDigest(): SignedRequest {
    return this.signed(this.client, { payload: { kind: 'digest', digest: hex(32) } });
  }

  /** Other bytes than the client signed. */
  swapped(): SignedRequest {
    const { requester, requestId, value, jws } = this.good();
    const other = {
      ...(JSON.parse(value.toString()) as object),
      payload: { kind: 'eip191', message: hex(20) },
    };
    return { requester, requestId, value: Buffer.from(JSON.stringify(other)), jws };
  }

  /** Signed by the submitter in the name of a client. */
  otherSigner(): SignedRequest {
    const { requester, requestId, value } = this.good();
    return { requester, requestId, value, jws: this.submitter.sign('sign-request', value) };
  }

  /** A signature over the bytes that was made for something else. */
  otherTyp(): SignedRequest {
    const { requester, requestId, value } = this.good();
    return { requester, requestId, value, jws: this.client.sign('tx-intent', value) };
  }

  /** The submitter has something signed that no client asked for. */
  submitterAlone(): SignedRequest {
    return this.signed(this.submitter, { payload: { kind: 'eip191', message: hex(20) } });
  }

  /** A client's intent with transactions for it: at one nonce, at the next, to another receiver, of another value. */
  forIntent(): {
    first: SignedRequest;
    secondNonce: SignedRequest;
    otherReceiver: SignedRequest;
    otherValue: SignedRequest;
  } {
    const to = hex(20);
    const nonce = FAR_NONCE + randomBytes(4).readUInt32BE();
    const intent = {
      intentId: `forged-${randomUUID()}`,
      requester: this.client.kid,
      keyId: this.keyId,
      chainId: this.chainId,
      to,
      value: '1000',
      data: '0x',
      gasLimit: '21000',
      maxFeePerGas: '100000000000',
      maxCost: '5000000000000000',
      expiresAt: new Date(Date.now() + LIFETIME_MS).toISOString(),
    };
    const bytes = Buffer.from(JSON.stringify(intent));
    const embedded = { bytes: bytes.toString('base64url'), jws: this.client.sign('tx-intent', bytes) };
    const transaction = (change: { nonce?: number; to?: string; value?: bigint } = {}) =>
      this.signed(this.submitter, {
        payload: {
          kind: 'evm-intent',
          unsigned: Transaction.from({
            type: 2,
            chainId: BigInt(this.chainId),
            nonce,
            to,
            value: 1000n,
            gasLimit: 21_000n,
            maxFeePerGas: 10n ** 9n,
            maxPriorityFeePerGas: 1n,
            ...change,
          }).unsignedSerialized,
          intent: embedded,
        },
      });
    return {
      first: transaction(),
      secondNonce: transaction({ nonce: nonce + 1 }),
      otherReceiver: transaction({ to: hex(20) }),
      otherValue: transaction({ value: 1001n }),
    };
  }

  private signed(signer: RecordSigner, content: object): SignedRequest {
    const requestId = `forged-${randomUUID()}`;
    const body = {
      requestId,
      requester: signer.kid,
      keyId: this.keyId,
      nonce: hex(32),
      expiresAt: new Date(Date.now() + LIFETIME_MS).toISOString(),
      ...content,
    };
    const value = Buffer.from(JSON.stringify(body));
    return { requester: signer.kid, requestId, value, jws: signer.sign('sign-request', value) };
  }
}

function hex(bytes: number): string {
  return `0x${randomBytes(bytes).toString('hex')}`;
}
