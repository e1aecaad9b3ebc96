import { Controller, type DynamicModule, Get, Header, Inject, Module } from '@nestjs/common';
import { type ApiDescription } from './api-description';
import { docsPage } from './docs-page';
import { openApiDocument } from './openapi-document';

const API_DESCRIPTION = Symbol('the description of the API');

@Controller()
class ApiReferenceController {
  private readonly document: object;
  private readonly page: string;

  constructor(@Inject(API_DESCRIPTION) description: ApiDescription) {
    this.document = openApiDocument(description);
    this.page = docsPage(description);
  }

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

/** GET /openapi.json and /docs: what an HTTP API offers, for machines and for people. */
@Module({})
export class ApiReferenceModule {
  static register(description: ApiDescription): DynamicModule {
    return {
      module: ApiReferenceModule,
      controllers: [ApiReferenceController],
      providers: [{ provide: API_DESCRIPTION, useValue: description }],
    };
  }
}
