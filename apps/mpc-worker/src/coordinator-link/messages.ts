import { Refused } from '@quorate/platform';
import { hash32Schema, isId, MAX_HALTS_PER_RESUME } from '@quorate/protocol';
import { z } from 'zod';
import { type CeremonyOrder, type CeremonyPurpose } from '../ceremony/ceremony-order';
import { type SignTask } from '../sign-task/assess';

/** Messages of node_session.proto as proto-loader gives them (oneofs, enums and defaults as options say). */
export interface NodeMessage {
  hello?: {
    nodeId: string;
    bootId: Buffer;
    version: string;
    ready: boolean;
    stock: { sessionId: Buffer; keyId: string; epoch: number; committee: string[]; unspent: Buffer }[];
  };
  readiness?: { ready: boolean; reason: string };
  ack?: { taskId: string; accepted: boolean; code: string; reason: string };
}

interface SignTaskMessage {
  taskId: string;
  value: Buffer;
  jws: string;
  approvals: string;
  requester: string;
  requestId: string;
  attempt: number;
  presignatureId: Buffer;
  sessionId: Buffer;
  committee: string[];
  traceparent: string;
}

interface CeremonyStartMessage {
  sessionId: Buffer;
  purpose: string;
  suite: number;
  keyId: string;
  epoch: number;
  threshold: number;
  participants: { nodeId: string; index: number; identityKey: Buffer; bootId: Buffer }[];
  batch: number;
  /** Unix seconds. */
  notAfter: number;
  rnd: Buffer;
  command: Buffer;
  signatures: string[];
  oldEpoch: number;
  dealers: number[];
  receivers: number[];
  newThreshold: number;
  pairCounter: number;
}

export interface CoordinatorMessage {
  message?: 'signTask' | 'ceremonyStart' | 'discard' | 'halt' | 'resume' | 'keyCommand';
  signTask?: SignTaskMessage;
  ceremonyStart?: CeremonyStartMessage;
  discard?: { sessionId: Buffer; reason: string };
  halt?: { command: Buffer; signatures: string[] };
  /** `halts`: 0x-hex ids, from the coordinator. */
  resume?: { command: Buffer; signatures: string[]; halts: string[] };
  keyCommand?: { command: Buffer; signatures: string[] };
}

const PURPOSES: Readonly<Record<string, CeremonyPurpose>> = {
  DKG: 'dkg',
  PRESIGN: 'presign',
  HEALTH: 'health',
  RESHARE: 'reshare',
  REKEY: 'rekey',
};
/** O and N of a reshare have 16 each; nobody takes part in anything else with more than 16. */
const MAX_MEMBERS = 32;
const foundHalts = z.array(hash32Schema).max(MAX_HALTS_PER_RESUME);

/** @throws Refused `config` when they are no ids of halts */
export function foundHaltsOf({ halts }: { halts: readonly string[] }): string[] {
  const parsed = foundHalts.safeParse(halts);
  if (!parsed.success) throw new Refused('config', 'the halts of the resume are no ids of halts');
  return parsed.data;
}

/** @throws Refused `config` when a field cannot be what it should */
export function signTaskOf(message: SignTaskMessage): SignTask {
  if (!isId(message.requester) || !isId(message.requestId)) throw new Refused('config', 'the ids are no ids');
  if (message.presignatureId.length !== 32) throw new Refused('config', 'presignatureId has 32 bytes');
  return {
    taskId: message.taskId,
    value: message.value,
    jws: message.jws,
    approvals: message.approvals,
    requester: message.requester,
    requestId: message.requestId,
    attempt: message.attempt,
    presignatureId: message.presignatureId,
    sessionId: message.sessionId,
    committee: message.committee,
    ...(message.traceparent !== '' && { traceparent: message.traceparent }),
  };
}

/** @throws Refused `config` when a field cannot be what it should */
export function ceremonyOrderOf(message: CeremonyStartMessage): CeremonyOrder {
  const purpose = PURPOSES[message.purpose];
  if (purpose === undefined) throw new Refused('config', 'the purpose is not known here');
  if (message.participants.length > MAX_MEMBERS)
    throw new Refused('config', `more than ${MAX_MEMBERS} participants`);
  return {
    sessionId: message.sessionId,
    purpose,
    suite: message.suite,
    keyId: message.keyId,
    epoch: message.epoch,
    threshold: message.threshold,
    members: message.participants.map(({ nodeId, index, identityKey, bootId }) => ({
      nodeId,
      index,
      identityKey,
      bootId,
    })),
    batch: message.batch,
    notAfter: message.notAfter,
    rnd: message.rnd,
    command: message.command,
    signatures: message.signatures,
    oldEpoch: message.oldEpoch,
    dealers: message.dealers,
    receivers: message.receivers,
    newThreshold: message.newThreshold,
    pairCounter: message.pairCounter,
  };
}
