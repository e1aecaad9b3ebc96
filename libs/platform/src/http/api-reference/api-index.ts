import { type ApiDescription, type ApiOperation } from './api-description';

/** The operations of an API, by the routes that serve them and by the URLs that mean them. */
export class ApiIndex {
  private readonly operations: ReadonlyMap<string, ApiOperation>;
  private readonly paths: readonly { pattern: RegExp; methods: readonly string[] }[];

  constructor({ operations, commands = {} }: ApiDescription) {
    const [reads, writes] = [Object.entries(operations), Object.entries(commands)];
    this.operations = new Map([
      ...reads.flatMap(([path, operation]) =>
        ['GET', 'HEAD'].map((method) => [`${method} ${path}`, operation] as const),
      ),
      ...writes.map(([path, operation]) => [`POST ${path}`, operation] as const),
    ]);
    this.paths = [
      ...reads.map(([path]) => ({ pattern: patternOf(path), methods: ['GET', 'HEAD'] })),
      ...writes.map(([path]) => ({ pattern: patternOf(path), methods: ['POST'] })),
    ];
  }

  /** @param route as the router has it: `/v1/requests/:id`, `/log/:log/tile/*path` */
  operation(method: string, route: string): ApiOperation | undefined {
    return this.operations.get(`${method} ${route.replaceAll(/[:*](\w+)/g, '{$1}')}`);
  }

  /** The methods that a URL can be called with; none when it means nothing. */
  methods(path: string): string[] {
    return this.paths.flatMap(({ pattern, methods }) => (pattern.test(path) ? methods : []));
  }
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{path\}/g, '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}
