/** What the auditor answers (interfaces.md, Audit queries), as this page takes it in. */
import { bytes, count, flag, type Json, list, nullable, object, text } from './reader';

/** An entry of the log. Whatever is inside `data` is the word of whoever wrote it. */
export interface LogEvent {
  readonly log: number;
  readonly index: number;
  readonly type: string | null;
  readonly source: string | null;
  readonly time: string | null;
  /** Whether the auditor found the signature of a known service. */
  readonly verified: boolean;
  readonly reason: string | null;
  readonly duplicateOf: number | null;
  readonly data: Json | null;
  readonly jws: string | null;
}

export interface EventPage {
  readonly events: readonly LogEvent[];
  readonly nextCursor: string | null;
}

export interface InclusionAnswer {
  readonly log: number;
  readonly index: number;
  readonly treeSize: number;
  readonly leaf: Uint8Array;
  readonly hashes: readonly Uint8Array[];
  readonly checkpoint: string;
}

export interface ConsistencyAnswer {
  readonly from: number;
  readonly to: number;
  readonly hashes: readonly Uint8Array[];
  readonly checkpoint: string;
}

export interface Stock {
  readonly keyId: string;
  readonly committee: readonly string[];
  readonly unspent: number;
}

export interface Heartbeat {
  readonly version: string;
  readonly bootId: string;
  readonly ledgerCount: number;
  readonly stock: readonly Stock[];
  readonly deadPairs: readonly { readonly keyId: string; readonly peer: string }[];
  readonly halts: readonly { readonly reason: string; readonly by: string }[];
  readonly policyVersion: string | null;
  readonly policyHash: string;
  readonly at: string;
}

export interface NodeReport {
  readonly node: string;
  readonly status: string;
  readonly ageMs: number | null;
  readonly heartbeat: Heartbeat | null;
}

export interface NodesAnswer {
  readonly nodes: readonly NodeReport[];
  readonly problem: string | null;
}

export function eventOf(value: unknown, what = 'event'): LogEvent {
  const event = object(value, what);
  return {
    log: count(event['log'], 'log'),
    index: count(event['index'], 'index'),
    type: nullable(text)(event['type'], 'type'),
    source: nullable(text)(event['source'], 'source'),
    time: nullable(text)(event['time'], 'time'),
    verified: flag(event['verified'], 'verified'),
    reason: nullable(text)(event['reason'], 'reason'),
    duplicateOf: nullable(count)(event['duplicateOf'], 'duplicateOf'),
    data: nullable(object)(event['data'], 'data'),
    jws: nullable(text)(event['jws'], 'jws'),
  };
}

export function eventPageOf(value: unknown): EventPage {
  const page = object(value, 'the answer');
  return {
    events: list(eventOf)(page['events'], 'events'),
    nextCursor: nullable(text)(page['nextCursor'], 'nextCursor'),
  };
}

export function inclusionOf(value: unknown): InclusionAnswer {
  const proof = object(value, 'the proof');
  return {
    log: count(proof['log'], 'log'),
    index: count(proof['index'], 'index'),
    treeSize: count(proof['treeSize'], 'treeSize'),
    leaf: bytes(proof['leaf'], 'leaf'),
    hashes: list(bytes)(proof['hashes'], 'hashes'),
    checkpoint: text(proof['checkpoint'], 'checkpoint'),
  };
}

export function consistencyOf(value: unknown): ConsistencyAnswer {
  const proof = object(value, 'the proof');
  return {
    from: count(proof['from'], 'from'),
    to: count(proof['to'], 'to'),
    hashes: list(bytes)(proof['hashes'], 'hashes'),
    checkpoint: text(proof['checkpoint'], 'checkpoint'),
  };
}

export function nodesOf(value: unknown): NodesAnswer {
  const answer = object(value, 'the answer');
  return {
    nodes: list(nodeOf)(answer['nodes'], 'nodes'),
    problem: nullable(text)(answer['problem'], 'problem'),
  };
}

function nodeOf(value: unknown, what: string): NodeReport {
  const report = object(value, what);
  return {
    node: text(report['node'], 'node'),
    status: text(report['status'], 'status'),
    ageMs: nullable(count)(report['ageMs'], 'ageMs'),
    heartbeat: nullable(heartbeatOf)(report['heartbeat'], 'heartbeat'),
  };
}

function heartbeatOf(value: unknown, what: string): Heartbeat {
  const heartbeat = object(value, what);
  return {
    version: text(heartbeat['version'], 'version'),
    bootId: text(heartbeat['bootId'], 'bootId'),
    ledgerCount: count(heartbeat['ledgerCount'], 'ledgerCount'),
    stock: list((entry, name): Stock => {
      const { keyId, committee, unspent } = object(entry, name);
      return {
        keyId: text(keyId, 'keyId'),
        committee: list(text)(committee, 'committee'),
        unspent: count(unspent, 'unspent'),
      };
    })(heartbeat['stock'], 'stock'),
    deadPairs: list((entry, name) => {
      const { keyId, peer } = object(entry, name);
      return { keyId: text(keyId, 'keyId'), peer: text(peer, 'peer') };
    })(heartbeat['deadPairs'], 'deadPairs'),
    halts: list((entry, name) => {
      const { reason, by } = object(entry, name);
      return { reason: text(reason, 'reason'), by: text(by, 'by') };
    })(heartbeat['halts'] ?? [], 'halts'),
    policyVersion: nullable(text)(heartbeat['policyVersion'], 'policyVersion'),
    policyHash: text(heartbeat['policyHash'], 'policyHash'),
    at: text(heartbeat['at'], 'at'),
  };
}
