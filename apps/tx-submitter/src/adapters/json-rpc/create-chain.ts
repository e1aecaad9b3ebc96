import { readFileSync } from 'node:fs';

import { type EventStore } from '@quorate/event-store';
import { parseErrorRules, type RpcErrorRule, RpcErrorTaxonomy } from '@quorate/evm';
import { Fatal, type Logger, type Metrics } from '@quorate/platform';

import { type SubmitterConfig } from '../../configuration';
import { type EndpointEvent } from '../../endpoints/endpoint-events';
import { ChainIdentityTable } from '../postgres/chain-identity-table';
import { JsonRpcChain } from './json-rpc-chain';

/**
 * The chain that the configuration names.
 *
 * @throws Fatal `config` when RPC_ERRORS_FILE is not valid.
 */
export function createChain(
  config: SubmitterConfig,
  { store, metrics, logger }: { store: EventStore; metrics: Metrics; logger: Logger },
): JsonRpcChain {
  const chain = new JsonRpcChain({
    chainId: BigInt(config.CHAIN_ID),
    urls: config.RPC_URLS,
    sendUrls: config.RPC_SEND_URLS,
    finality: { tag: config.FINALITY_TAG, depth: config.FINALITY_DEPTH },
    taxonomy: new RpcErrorTaxonomy(readErrorRules(config.RPC_ERRORS_FILE)),
    memory: new ChainIdentityTable(store),
    ...{ metrics, logger },
    now: () => Date.now(),
  });
  if (config.RPC_URLS.length === 1)
    logger.warn(
      {},
      'RPC_URLS names one endpoint: what it says is missing is believed without a second opinion',
    );
  chain.onEvent((event) => log(logger, event));
  return chain;
}

/**
 * The rules of RPC_ERRORS_FILE; none without it.
 *
 * @throws Fatal `config` naming the line and entry of each mistake.
 */
export function readErrorRules(file: string | undefined): RpcErrorRule[] {
  if (file === undefined) return [];
  try {
    return parseErrorRules(readFileSync(file, 'utf8'), file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fatal('config', `RPC_ERRORS_FILE: ${reason}`, { cause });
  }
}

function log(logger: Logger, event: EndpointEvent): void {
  switch (event.kind) {
    case 'state':
      if (event.to === 'healthy') return logger.info(event, 'endpoint is healthy');
      return logger.warn(event, 'endpoint changed');
    case 'disagreement':
      return logger.warn(event, 'endpoints show different chains');
    case 'agreement':
      return logger.info(event, 'endpoints agree on the chain again');
    case 'answer':
      return;
    case 'evicted':
      return logger.info(event, 'an endpoint had lost a transaction');
    case 'suspect':
      return logger.error(event, 'the chain is in doubt: no lane goes on');
    case 'trusted':
      return logger.warn(event, 'the chain is trusted again');
  }
}
