import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { problems } from '@quorate/platform';
import { z } from 'zod';
import { Cosignatures } from './cosignatures';

const cosigned = z.strictObject({
  log: z.int({ error: 'must be the number of a log' }).min(0),
  checkpoint: z.string({ error: 'must be a signed note' }).max(100_000, 'is too long'),
});

@Controller('v1/cosignatures')
export class CosignaturesController {
  constructor(private readonly cosignatures: Cosignatures) {}

  /** A witness hands in a checkpoint that it cosigned. */
  @Post()
  @HttpCode(200)
  async take(@Body() body: unknown): Promise<{ log: number; size: number }> {
    const parsed = cosigned.safeParse(body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const name = String(issue?.path[0] ?? 'body');
      throw problems.invalidParameter(`${name} ${issue?.message}`, name);
    }
    const { log, checkpoint } = parsed.data;
    const { size } = await this.cosignatures.take(log, checkpoint);
    return { log, size };
  }
}
