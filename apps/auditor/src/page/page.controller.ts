import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Controller, Get, Param, Req, Res, StreamableFile } from '@nestjs/common';
import { problems } from '@quorate/platform';
import { type PageFile, PageFiles } from './page-files';

/** Everything comes from this server, nothing runs that is not a file of it, nobody may frame it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** Files with a hash of their content in their names. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** The page for people (apps/auditor/page). Its files are for everybody; what they show is asked for with a token. */
@Controller()
export class PageController {
  constructor(private readonly files: PageFiles) {}

  /** The same document at the address of every view: the page itself reads which. */
  @Get(['/', 'search', 'story/:id', 'entry/:log/:index', 'checkpoint', 'nodes'])
  page(
    @Req() request: IncomingMessage,
    @Res({ passthrough: true }) response: ServerResponse,
  ): StreamableFile {
    response.setHeader('content-security-policy', POLICY);
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    return sent(this.files.index, 'no-cache', request, response);
  }

  /** @throws Problem `not-found` */
  @Get('assets/:name')
  asset(
    @Param('name') name: string,
    @Req() request: IncomingMessage,
    @Res({ passthrough: true }) response: ServerResponse,
  ): StreamableFile {
    const file = this.files.asset(name);
    if (file === undefined)
      throw problems.notFound('There is no such file: the page may be newer. Load it again.');
    return sent(file, FOR_EVER, request, response);
  }
}

function sent(
  file: PageFile,
  caching: string,
  request: IncomingMessage,
  response: ServerResponse,
): StreamableFile {
  const isCompressed = /\bbr\b/.test(String(request.headers['accept-encoding'] ?? ''));
  response.setHeader('cache-control', caching);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('vary', 'accept-encoding');
  if (isCompressed) response.setHeader('content-encoding', 'br');
  const bytes = isCompressed ? file.brotli : file.bytes;
  return new StreamableFile(bytes, { type: file.type, length: bytes.length });
}
