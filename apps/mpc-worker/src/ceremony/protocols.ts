/**
 * The one table of the protocols that a node runs: from purpose and family of a session's start to the session and the
 * form of what comes out of it. Everything else of the node knows sessions, not protocols.
 */
import {
  createKeygenSession,
  createNonceSession,
  createPairJudge,
  createPresignSession,
  createRekeySession,
  createReshareSession,
  createSchnorrKeygenSession,
  decodeCertificate,
  encodeCertificate,
  encodeKeyShare,
  encodeNonceBatch,
  encodePendingKeyShare,
  encodePendingReshare,
  encodePresignatureBatch,
  InvalidInput,
  isEcdsaSuite,
  type NonceBatch,
  type PairState,
  type PendingReshare,
  type PresignatureBatch,
  type Reshared,
  type Session,
  type SessionConfig,
  type SessionStart,
  wipeKeyShare,
  wipeNonce,
  wipePairState,
  wipePresignature,
  withPair,
} from '@quorate/threshold';
import { type AnyKeyShare, type AnyPendingShare } from '../key-share/share-codec';
import { ecdsa, type LoadedShare, schnorr } from './loaded-shares';
import { type FormerEpoch, type ThreadOutcome } from './thread-messages';
import { type RunningSession, runningSession } from './running-session';

/** What a session starts from. */
export interface SessionInput {
  readonly config: SessionConfig;
  /** The node's share of the key; absent for key generation, and for who joins a key. */
  readonly held?: LoadedShare;
  /** Of a reshare. */
  readonly former?: FormerEpoch;
  /** Stores durably that the pair with a peer is dead, before it returns. */
  readonly condemn: (peer: number) => void;
}

type Open = (input: SessionInput) => RunningSession;
type Family = 'ecdsa' | 'schnorr';

const PROTOCOLS: Readonly<Record<SessionStart['purpose'], Readonly<Record<Family, Open>>>> = {
  dkg: {
    ecdsa: ({ config }) => dealt(createKeygenSession(config)),
    schnorr: ({ config }) => dealt(createSchnorrKeygenSession(config)),
  },
  presign: { ecdsa: presignatures, schnorr: nonces },
  reshare: { ecdsa: reshare, schnorr: reshare },
  rekey: { ecdsa: rekey, schnorr: rekey },
};

/** @throws InvalidInput when the start does not fit the key */
export function openSession(input: SessionInput): RunningSession {
  const { purpose, suite } = input.config.start;
  return PROTOCOLS[purpose][isEcdsaSuite(suite) ? 'ecdsa' : 'schnorr'](input);
}

function dealt<P extends AnyPendingShare>(session: Session<AnyKeyShare, P>): RunningSession {
  return runningSession<AnyKeyShare, P>(session, {
    outcome: shareOutcome,
    pending: { encode: encodePendingKeyShare, wipe: wipeKeyShare },
  });
}

function presignatures({ config, held, condemn }: SessionInput): RunningSession {
  const { share, deadPeers } = present(held);
  const judge = createPairJudge(deadPeers, condemn);
  const session = createPresignSession({ ...config, keyShare: ecdsa(share), judge });
  return runningSession<PresignatureBatch, never>(session, {
    outcome: (batch) => {
      const encoded = encodePresignatureBatch(batch);
      batch.presignatures.forEach(wipePresignature);
      return { kind: 'presignatures', batch: encoded };
    },
  });
}

function nonces({ config, held }: SessionInput): RunningSession {
  const session = createNonceSession({ ...config, keyShare: schnorr(present(held).share) });
  return runningSession<NonceBatch, never>(session, {
    outcome: (batch) => {
      const encoded = encodeNonceBatch(batch);
      batch.nonces.forEach(wipeNonce);
      return { kind: 'nonces', batch: encoded };
    },
  });
}

function reshare({ config, held, former }: SessionInput): RunningSession {
  const { start } = config;
  if (start.purpose !== 'reshare' || former === undefined) throw new InvalidInput('no former epoch');
  const { identities, lastEpoch } = former;
  const certificate = decodeCertificate(former.certificate);
  const own = held?.share.epoch === start.oldEpoch ? held.share : undefined;
  const old = { certificate, identities, ...(own && { share: own.share }) };
  return runningSession<Reshared, PendingReshare>(
    createReshareSession({ ...config, start, old, lastEpoch }),
    {
      outcome: (reshared) =>
        reshared.share === undefined
          ? { kind: 'left', certificate: encodeCertificate(reshared.certificate) }
          : shareOutcome(reshared.share),
      pending: {
        encode: encodePendingReshare,
        wipe: ({ share }) => {
          if (share !== undefined) wipeKeyShare(share);
        },
      },
    },
  );
}

/** The new state travels inside the share whose pair it becomes: that form is sealed and opened everywhere. */
function rekey({ config, held }: SessionInput): RunningSession {
  const loaded = present(held);
  const [peer] = config.start.participants
    .map(({ index }) => index)
    .filter((index) => index !== config.index);
  if (peer === undefined) throw new InvalidInput('a pair has two members');
  const session = createRekeySession({ ...config, keyShare: ecdsa(loaded.share) });
  const encode = (state: PairState): Buffer => encodeKeyShare(withPair(ecdsa(loaded.share), peer, state));
  return runningSession<PairState, PairState>(session, {
    outcome: (state) => {
      const share = encode(state);
      wipePairState(state);
      return { kind: 'pair', share };
    },
    pending: { encode, wipe: wipePairState },
  });
}

function shareOutcome(share: AnyKeyShare): ThreadOutcome {
  const encoded = encodeKeyShare(share);
  wipeKeyShare(share);
  return { kind: 'share', share: encoded };
}

function present(held: LoadedShare | undefined): LoadedShare {
  if (held === undefined) throw new InvalidInput('the session was started before its key share was loaded');
  return held;
}
