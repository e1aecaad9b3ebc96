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
    components: { schemas: { ...schemas, Problem: PROBLEM_SCHEMA } },
  };
}

function documented({ summary, description, parameters, answer, problems }: ApiOperation): JsonSchema {
  const problem = {
    description: 'Problem document (RFC 9457).',
    content: { 'application/problem+json': { schema: schemaReference('Problem') } },
  };
  return {
    ...{ summary, description, parameters },
    responses: {
      '200': { description: 'OK', content: answer },
      ...Object.fromEntries(problems.map((status) => [status, problem])),
    },
  };
}
