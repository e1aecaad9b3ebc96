/** Who cheated in a ceremony that failed, from the events of its nodes alone: nobody has to be trusted or asked. */
import { identityJwk } from '@quorate/platform';
import { type CeremonyFailed, ceremonyFailedSchema, fromHex, type KeyLookup } from '@quorate/protocol';
import {
  ed25519PublicKey,
  findEquivocations,
  InvalidInput,
  judgeEvidence,
  parseFrame,
  sessionId,
  type SessionStart,
  verifyFrame,
} from '@quorate/threshold';
import { sessionStartOf } from './session-start';

/** What one node says about the failure; its word alone proves nothing. */
export interface Claim {
  readonly node: string;
  readonly class: string;
  readonly check: string;
  readonly accused: string | undefined;
}

export interface Judgement {
  readonly sessionId: string;
  /** The node that its own signed messages convict; undefined when they convict nobody (yet). */
  readonly convicted: { readonly node: string; readonly check: string } | undefined;
  readonly claims: readonly Claim[];
  /** Signed frames of the session that were pooled. */
  readonly frames: number;
  /** Frames that a node could not put into its event: ask its operator for them. */
  readonly missingFrames: number;
}

/**
 * Pools the frames that the nodes of a session published and judges them. Convicts whoever signed two messages for one
 * slot; in key generation and reshares also whoever broadcast what is wrong by itself, a dealer of a bad share, and a party
 * whose complaint is unfounded.
 *
 * @param failures data of the nodes' `quorate.ceremony.failed.v1` events about one session; those of others are ignored
 * @param nodeKeys the pinned identities of a node, former ones as well: a session with other keys is not judged
 */
export function judgeSession(failures: readonly unknown[], nodeKeys: KeyLookup): Judgement | undefined {
  const parsed = failures.flatMap((failure) => ceremonyFailedSchema.safeParse(failure).data ?? []);
  const [first] = parsed;
  if (first === undefined) return undefined;
  const ofSession = parsed.filter((failure) => failure.sessionId === first.sessionId);
  const pooled = ofSession.flatMap(({ evidence }) => evidence);
  const frames = distinctFrames(pooled.flatMap(({ frame }) => frame ?? []));
  const start = trustedStart(ofSession, nodeKeys);
  return {
    sessionId: first.sessionId,
    convicted: start && convict(start, frames),
    claims: ofSession.map(({ node, class: failureClass, check, accused }) => ({
      node,
      class: failureClass,
      check,
      accused: accused ?? undefined,
    })),
    frames: start === undefined ? 0 : frames.filter((frame) => isOfSession(frame, start.start)).length,
    missingFrames: new Set(pooled.filter(({ frame }) => frame === undefined).map(({ hash }) => hash)).size,
  };
}

interface TrustedStart {
  readonly start: SessionStart;
  readonly nodes: ReadonlyMap<number, string>;
}

/** The first description whose id is the session's and whose keys are the pinned ones: nobody can invent such a one. */
function trustedStart(failures: readonly CeremonyFailed[], nodeKeys: KeyLookup): TrustedStart | undefined {
  for (const { sessionId: id, session } of failures) {
    const start = sessionStartOf(session);
    const isPinned = session.participants.every(({ node, identityKey }) => {
      const keys = [nodeKeys(node) ?? []].flat();
      return keys.some((key) => Buffer.from(identityJwk(key).x, 'base64url').equals(fromHex(identityKey)));
    });
    if (start === undefined || !isPinned || !hasId(start, fromHex(id))) continue;
    return { start, nodes: new Map(session.participants.map(({ index, node }) => [index, node])) };
  }
  return undefined;
}

function hasId(start: SessionStart, id: Buffer): boolean {
  try {
    return sessionId(start).equals(id);
  } catch (error) {
    if (error instanceof InvalidInput) return false;
    throw error;
  }
}

function convict({ start, nodes }: TrustedStart, frames: readonly Buffer[]): Judgement['convicted'] {
  const verdict =
    start.purpose === 'dkg' || start.purpose === 'reshare'
      ? judgeEvidence(start, frames)
      : equivocation(start, frames);
  const node = verdict && nodes.get(verdict.accused);
  return verdict && node !== undefined ? { node, check: verdict.check } : undefined;
}

function equivocation(
  start: SessionStart,
  frames: readonly Buffer[],
): { accused: number; check: string } | undefined {
  const identities = new Map(start.participants.map(({ index, identityKey }) => [index, identityKey]));
  const ofSession = frames.filter((frame) => isOfSession(frame, start));
  const [found] = findEquivocations(ofSession, identities);
  return found && { accused: found.accused, check: 'session.equivocation' };
}

function isOfSession(bytes: Buffer, start: SessionStart): boolean {
  const frame = parseFrame(bytes);
  const sender = start.participants.find(({ index }) => index === frame?.from);
  return (
    frame !== undefined &&
    sender !== undefined &&
    frame.sid.equals(sessionId(start)) &&
    verifyFrame(frame, ed25519PublicKey(sender.identityKey))
  );
}

function distinctFrames(encoded: readonly string[]): Buffer[] {
  return [...new Set(encoded)].map((frame) => Buffer.from(frame, 'base64'));
}
