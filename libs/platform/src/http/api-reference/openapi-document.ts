import { type ApiDescription, type ApiOperation, type JsonSchema, schemaReference } from './api-description';

const PROBLEM_SCHEMA: JsonSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What is wrong and what to change.' },
    parameter: { type: 'string', description: 'The parameter that is wrong.' },
  },
};

/** The OpenAPI 3.1 document of an API. */
export function openApiDocument({
  title,
  introduction,
  operations,
  commands = {},
  schemas,
}: ApiDescription): JsonSchema {
  return {
    openapi: '3.1.0',
    info: {
      ...{ title, version: '1', description: introduction },
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: {
      ...Object.fromEntries(
        Object.entries(operations).map(([path, operation]) => [path, { get: documented(operation) }]),
      ),
      ...Object.fromEntries(
        Object.entries(commands).map(([path, operation]) => [path, { post: documented(operation) }]),
      ),
    },
    components: {
      schemas: { ...schemas, Problem: PROBLEM_SCHEMA },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Of HTTP_TOKENS_FILE; with the role.' },
      },
    },
  };
}

/** Every operation can be refused, and be asked for wrongly or too often. */
const ALWAYS = ['400', '401', '403', '429', '503'];

function documented({ status = 200, roles, body, answer, problems, ...rest }: ApiOperation): JsonSchema {
  const problem = {
    description: 'Problem document (RFC 9457).',
    content: { 'application/problem+json': { schema: schemaReference('Problem') } },
  };
  const { summary, description, parameters } = rest;
  const json = 'application/json' in answer ? ['406'] : [];
  return {
    ...{ summary, description: `${description} Role: ${roles.join(' or ')}.`, parameters },
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    security: roles.map((role) => ({ token: [role] })),
    responses: {
      [status]: { description: status === 202 ? 'Accepted' : 'OK', content: answer },
      ...Object.fromEntries(
        [...new Set([...ALWAYS, ...json, ...problems])].sort().map((code) => [code, problem]),
      ),
    },
  };
}
