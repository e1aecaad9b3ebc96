/** What the submitter does on this machine: its own ceiling, its restart, and with signatures of real nodes. */
import { type CeilingResult, measureCeiling } from './ceiling';
import { measureRestart, type RestartResult } from './restart';
import { measureSignedByNodes, type SignedByNodesResult } from './signed-by-nodes';

export const SUBMITTER_PARTS = ['ceiling', 'restart', 'nodes'] as const;
export type SubmitterPart = (typeof SUBMITTER_PARTS)[number];

export interface SubmitterParameters {
  readonly parts: readonly SubmitterPart[];
  readonly lanes: number;
  /** Intents offered in each second. */
  readonly perSecond: number;
  readonly seconds: number;
  /** Transactions in the pool when it is killed. */
  readonly inFlight: number;
  /** A folder for a CPU profile of the submitter. */
  readonly profile: string | undefined;
}

export interface SubmitterResult {
  readonly ceiling: CeilingResult | undefined;
  readonly restart: RestartResult | undefined;
  readonly signedByNodes: SignedByNodesResult | undefined;
}

const FILL_RATE = 500;
const BY_NODES = { stockTarget: 400, intents: 1000, inFlight: 48 };

/** Runs the parts one after the other, each on processes of its own. */
export async function benchSubmitter(parameters: SubmitterParameters): Promise<SubmitterResult> {
  const { parts, lanes, perSecond, seconds, inFlight, profile } = parameters;
  const when = <T>(part: SubmitterPart, measure: () => Promise<T>): Promise<T | undefined> =>
    parts.includes(part) ? measure() : Promise.resolve(undefined);
  return {
    ceiling: await when('ceiling', () => measureCeiling({ lanes, perSecond, seconds, profile })),
    restart: await when('restart', () => measureRestart({ lanes, inFlight, perSecond: FILL_RATE })),
    signedByNodes: await when('nodes', () => measureSignedByNodes(BY_NODES)),
  };
}
