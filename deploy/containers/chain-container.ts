import { type StartedTestContainer } from 'testcontainers';
import { chainIdOf, LOCAL_CHAIN_ID } from '../embedded/parts/chain';
import { IMAGES } from './images';
import { LoopbackContainer } from './loopback-container';

const PORT = 8545;

/** A local EVM chain as the embedded one, without state on disk. @param port on 127.0.0.1 */
export function startChainContainer(port: number): Promise<StartedTestContainer> {
  return (
    new LoopbackContainer(IMAGES.chain)
      .withLoopbackPort(port, PORT)
      // The entry point is a shell: one string.
      .withCommand([
        `exec anvil --host 0.0.0.0 --port ${PORT} --chain-id ${LOCAL_CHAIN_ID} --block-time 1 --quiet`,
      ])
      .readyWhen(() => chainIdOf(`http://127.0.0.1:${port}`))
      .start()
  );
}
