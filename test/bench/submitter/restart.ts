/** How soon a submitter that was killed sends again what was on its way. */
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { callChain } from '../../../deploy/embedded/parts/chain';
import { withSubmitterStack } from './bench-stack';
import { allAccepted } from './ceiling';
import { offer, signIntents } from './offered-load';

export interface RestartParameters {
  readonly lanes: number;
  readonly inFlight: number;
  readonly perSecond: number;
}

export interface RestartResult extends RestartParameters {
  /** Milliseconds from the start of the process to the first eth_sendRawTransaction. */
  readonly firstSendMs: number;
  /** The same from the moment when it was ready; negative when it sent before. */
  readonly afterReadyMs: number;
  /** Seconds from the start of the process until each transaction was sent once more. */
  readonly allSentSeconds: number;
}

const RESEND_TIMEOUT_MS = 120_000;

/** Fills the pool while no block is made, kills the submitter, starts it again. */
export function measureRestart(parameters: RestartParameters): Promise<RestartResult> {
  const { lanes, inFlight, perSecond } = parameters;
  return withSubmitterStack({ lanes, profile: undefined, tapped: true }, async (stack) => {
    const database = new Client({ connectionString: stack.databaseUrl });
    await database.connect();
    try {
      await callChain(stack.chainUrl, 'evm_setIntervalMining', [0]);
      await offer(stack, signIntents(stack, inFlight), perSecond);
      await allAccepted(database, inFlight);
      await stack.killSubmitter();
      stack.tap.forget();
      const { startedAt, readyAt } = await stack.startSubmitter();
      const deadline = Date.now() + RESEND_TIMEOUT_MS;
      while (stack.tap.sends < inFlight && Date.now() < deadline) await pause(20);
      const { firstSendAt, lastSendAt, sends } = stack.tap;
      if (firstSendAt === undefined || lastSendAt === undefined || sends < inFlight)
        throw new Error(`only ${sends} of ${inFlight} transactions were sent again`);
      return {
        ...parameters,
        firstSendMs: firstSendAt - startedAt,
        afterReadyMs: firstSendAt - readyAt,
        allSentSeconds: (lastSendAt - startedAt) / 1000,
      };
    } finally {
      await database.end();
    }
  });
}
