import { z } from 'zod';
import { type HttpRole } from '../access/http-tokens';

export type JsonSchema = Record<string, unknown>;

export interface ApiParameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
}

export interface ApiOperation {
  readonly summary: string;
  readonly description: string;
  /** Whose tokens may call it: those with any of these roles. */
  readonly roles: readonly HttpRole[];
  readonly parameters: readonly ApiParameter[];
  /** The JSON that it takes, where it takes any. */
  readonly body?: JsonSchema;
  /** The content of the answer, by media type. */
  readonly answer: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  /** The status of the answer, 200 where it is not given. */
  readonly status?: 200 | 202;
  /** Statuses that are answered with a problem document, beside those that every operation has. */
  readonly problems: readonly string[];
}

/** An HTTP API, described once for its OpenAPI document and its page. */
export interface ApiDescription {
  readonly title: string;
  readonly introduction: string;
  /** What GET answers, by path. */
  readonly operations: Readonly<Record<string, ApiOperation>>;
  /** What POST does, by paths that are not among `operations`. */
  readonly commands?: Readonly<Record<string, ApiOperation>>;
  /** What problem types of its own mean (RFC 9457), by URI; PROBLEM_TYPES are there already. */
  readonly problemTypes?: Readonly<Record<string, string>>;
  /** What operations refer to with `schemaReference`. `Problem` is there already. */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** A command that calls it. */
  readonly example: string;
}

/** The query parameters that a schema checks. */
export function queryParameters(schema: z.ZodObject): ApiParameter[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description = '', ...rest } = typeof property === 'boolean' ? {} : property;
    return { name, in: 'query', required: required.includes(name), description, schema: rest };
  });
}

/** A part of the path, which is text. */
export function pathParameter(name: string, description: string): ApiParameter {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}

/** An answer that is JSON. */
export function jsonAnswer(schema: JsonSchema): ApiOperation['answer'] {
  return { 'application/json': { schema } };
}

export function schemaReference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}
