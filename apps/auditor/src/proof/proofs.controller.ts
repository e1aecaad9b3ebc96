import { Controller, Get, Header, Query } from '@nestjs/common';
import { formatProofBundle, type Hash } from '@quorate/transparency-log';
import { readParameters } from '../query/query-parameters';
import {
  bundleParameters,
  checkpointParameters,
  consistencyParameters,
  inclusionParameters,
} from './proof-parameters';
import { Proofs } from './proofs';

export const TEXT = 'text/plain; charset=utf-8';

@Controller('v1')
export class ProofsController {
  constructor(private readonly proofs: Proofs) {}

  /** The newest signed head of a log (C2SP tlog-checkpoint). */
  @Get('checkpoint')
  @Header('content-type', TEXT)
  @Header('cache-control', 'no-store')
  async checkpoint(@Query() query: unknown): Promise<string> {
    const { log } = readParameters(checkpointParameters, query);
    return (await this.proofs.checkpoint(log)).note;
  }

  /** That an entry is in the log. */
  @Get('proofs/inclusion')
  async inclusion(@Query() query: unknown) {
    const { size, ...place } = readParameters(inclusionParameters, query);
    const { log, index, leaf, hashes, checkpoint } = await this.proofs.inclusion(place, size);
    return {
      ...{ log, index, treeSize: checkpoint.size, leaf: base64(leaf), hashes: hashes.map(base64) },
      checkpoint: checkpoint.note,
    };
  }

  /** That nothing was changed or removed between two sizes of a log. */
  @Get('proofs/consistency')
  async consistency(@Query() query: unknown) {
    const { log, from, to } = readParameters(consistencyParameters, query);
    const { hashes, checkpoint } = await this.proofs.consistency(log, from, to);
    return { log, from, to: checkpoint.size, hashes: hashes.map(base64), checkpoint: checkpoint.note };
  }

  /** That an entry is in the log, as a file that needs nothing but the log's public key (C2SP tlog-proof). */
  @Get('proofs/bundle')
  @Header('content-type', TEXT)
  async bundle(@Query() query: unknown): Promise<string> {
    const { index, leaf, hashes, checkpoint } = await this.proofs.inclusion(
      readParameters(bundleParameters, query),
    );
    return formatProofBundle({ index, hashes: [...hashes], checkpoint: checkpoint.note, extra: leaf });
  }
}

function base64(bytes: Uint8Array | Hash): string {
  return Buffer.from(bytes).toString('base64');
}
