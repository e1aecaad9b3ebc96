import { type DynamicModule, Module } from '@nestjs/common';
import { NODE_CONFIG, type NodeConfig } from './config';
import { NodeProcess } from './node-process';

/** One signer node. */
@Module({})
export class MpcWorkerModule {
  static register(config: NodeConfig): DynamicModule {
    return { module: MpcWorkerModule, providers: [{ provide: NODE_CONFIG, useValue: config }, NodeProcess] };
  }
}
