import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { z } from 'zod';
import {
  type ApiDescription,
  jsonAnswer,
  pathParameter,
  queryParameters,
  schemaReference,
} from './api-description';
import { ApiReferenceModule } from './api-reference.module';

const things: ApiDescription = {
  title: 'Things & more',
  introduction: 'All things <so far>.',
  operations: {
    '/v1/things/{name}': {
      summary: 'One thing',
      description: 'As it is now.',
      roles: ['reader'],
      parameters: [
        pathParameter('name', 'Its name.'),
        ...queryParameters(
          z.object({ color: z.string().describe('Only this color.'), limit: z.int().max(9).optional() }),
        ),
      ],
      answer: jsonAnswer(schemaReference('Thing')),
      problems: ['404'],
    },
  },
  problemTypes: { 'urn:quorate:problem:sold-out': '404: there are no such things any more.' },
  schemas: { Thing: { type: 'object' } },
  example: "curl 'http://127.0.0.1/v1/things/a?color=red&limit=1'",
};

let app: NestExpressApplication;
let url: string;

beforeAll(async () => {
  app = await NestFactory.create<NestExpressApplication>(ApiReferenceModule.register(things), {
    logger: false,
  });
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});
afterAll(() => app.close());

it('describes the API to machines, with the parameters that are checked', async () => {
  const document: unknown = await (await fetch(`${url}/openapi.json`)).json();
  const problem = { content: { 'application/problem+json': { schema: schemaReference('Problem') } } };
  expect(document).toMatchObject({
    openapi: '3.1.0',
    info: { title: 'Things & more', description: 'All things <so far>.' },
    paths: {
      '/v1/things/{name}': {
        get: {
          parameters: [
            { name: 'name', in: 'path', required: true, schema: { type: 'string' } },
            { name: 'color', in: 'query', required: true, description: 'Only this color.' },
            { name: 'limit', in: 'query', required: false, schema: { maximum: 9 } },
          ],
          security: [{ token: ['reader'] }],
          responses: {
            '200': { content: { 'application/json': { schema: schemaReference('Thing') } } },
            '401': problem,
            '404': problem,
            '406': problem,
          },
        },
      },
    },
    components: { schemas: { Thing: { type: 'object' }, Problem: { type: 'object' } } },
  });
});

it('describes the API to people, on a page that loads nothing', async () => {
  const response = await fetch(`${url}/docs`);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  const page = await response.text();
  for (const part of [
    ...['<h1>Things &amp; more</h1>', 'All things &lt;so far&gt;.', 'GET /v1/things/{name}'],
    ...['Only this color.', 'color=red&amp;limit=1', 'no such things any more', '429: too many', '/readyz'],
  ])
    expect(page).toContain(part);
});
