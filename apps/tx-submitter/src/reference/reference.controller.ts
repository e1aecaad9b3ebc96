import { Controller, Get, Header } from '@nestjs/common';

import { docsPage } from './docs-page';
import { openApi } from './openapi';

@Controller()
export class ReferenceController {
  private readonly document = openApi();
  private readonly page = docsPage();

  @Get('openapi.json')
  json(): object {
    return this.document;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
  docs(): string {
    return this.page;
  }
}
