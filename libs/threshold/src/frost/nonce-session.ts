/**
 * Preparing nonces (RFC 9591, section 5.1): two rounds after which every member of a committee S holds B nonce pairs and
 * the same list of all members' commitments, before any message is known.
 */
import { type SchnorrKeyShare } from '../keygen/key-share';
import { createSession, type Session, type SessionConfig } from '../session/session';
import { NonceCeremony } from './ceremony';
import { nonceContext } from './context';
import { type NonceBatch } from './nonce-batch';

/** Inputs of one party. `start` has purpose `presign`, suite 3 or 4, the committee as participants and the batch size. */
export interface NonceConfig extends SessionConfig {
  readonly keyShare: SchnorrKeyShare;
}

/**
 * One party's run. All or nothing: any failure discards the batch, for everybody.
 *
 * @throws InvalidInput when the start is not valid or does not fit the key
 */
export function createNonceSession(config: NonceConfig): Session<NonceBatch> {
  const { start, index, keyShare, random } = config;
  return createSession(config, new NonceCeremony(nonceContext(start, index, keyShare, random)));
}
