import { Controller, Get, Header, Param, Req, StreamableFile } from '@nestjs/common';
import { type IncomingMessage } from 'node:http';
import { problems } from '@quorate/platform';
import { parseTilePath } from '@quorate/transparency-log';
import { Proofs } from '../proof/proofs';
import { TEXT } from '../proof/proofs.controller';
import { Tiles } from './tiles';

/** By who asked: a shared cache would show them to callers without a token. */
const FOR_EVER = 'private, max-age=31536000, immutable';

/** The logs as C2SP tlog-tiles has it, for verifiers that know nothing of Quorate: the prefix of log 0 is /log/0. */
@Controller('log')
export class TilesController {
  constructor(
    private readonly proofs: Proofs,
    private readonly tiles: Tiles,
  ) {}

  @Get(':log/checkpoint')
  @Header('content-type', TEXT)
  @Header('cache-control', 'no-store')
  async checkpoint(@Param('log') log: string): Promise<string> {
    return (await this.proofs.checkpoint(logNumber(log))).note;
  }

  @Get(':log/tile/*path')
  @Header('cache-control', FOR_EVER)
  async tile(@Param('log') log: string, @Req() request: IncomingMessage): Promise<StreamableFile> {
    const [path = ''] = (request.url ?? '').split('?');
    const tile = parseTilePath(path.slice(path.indexOf('/tile/') + 1));
    if (tile === undefined)
      throw problems.notFound('This is no path of a tile: tile/<L>/<N>[.p/<W>] or tile/entries/<N>[.p/<W>]');
    const bytes = await this.tiles.read(logNumber(log), tile);
    if (bytes === undefined) throw problems.notFound('The log has not grown that far: see its checkpoint');
    return new StreamableFile(bytes, { type: 'application/octet-stream' });
  }
}

function logNumber(text: string): number {
  if (/^(?:0|[1-9]\d{0,8})$/.test(text)) return Number(text);
  throw problems.notFound('There is no such log: the first is 0');
}
