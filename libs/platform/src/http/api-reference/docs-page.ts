import { PROBLEM_TYPES } from '../problem';
import { type ApiDescription, type ApiOperation } from './api-description';

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430 }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
code { font: 0.9em ui-monospace, monospace; background: #eef1f5; padding: 0.1em 0.3em; border-radius: 3px }
table { border-collapse: collapse; width: 100% } td { border-top: 1px solid #d8dee6; padding: 0.3rem 0.6rem 0.3rem 0; vertical-align: top }
@media (prefers-color-scheme: dark) { body { background: #14181e; color: #dde3ea } code { background: #232a33 } td { border-color: #2d3640 } }`;

const OPERATION = {
  '/healthz': 'The process is alive.',
  '/readyz': 'Ready; or 503 with what it waits for.',
  '/metrics': 'Prometheus metrics.',
};

/** The description of an API as one HTML page without foreign assets. */
export function docsPage(description: ApiDescription): string {
  const { title, introduction, operations, commands = {}, problemTypes, example } = description;
  const sections = [
    ...Object.entries(operations).map(([path, operation]) => section('GET', path, operation)),
    ...Object.entries(commands).map(([path, operation]) => section('POST', path, operation)),
  ];
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style></head><body>
<h1>${escape(title)}</h1>
<p>${escape(introduction)} For machines: <a href="openapi.json"><code>openapi.json</code></a>.</p>
${sections.join('\n')}
<h2>Example</h2>
<p><code>${escape(example)}</code></p>
<h2>Problems</h2>
<p>Errors are problem documents (RFC 9457) with one of these types:</p>
${table(Object.entries({ ...PROBLEM_TYPES, ...problemTypes }))}
<h2>Operation</h2>
${table(Object.entries(OPERATION))}
</body></html>`;
}

function section(method: string, path: string, operation: ApiOperation): string {
  const { summary, description, roles, parameters } = operation;
  return `<h2><code>${method} ${escape(path)}</code></h2>
<p>${escape(summary)}. ${escape(description)} Role: ${roles.join(' or ')}.</p>
${table(parameters.map((parameter) => [parameter.name, parameter.description]))}`;
}

function table(rows: [string, string][]): string {
  const cells = rows.map(
    ([name, meaning]) => `<tr><td><code>${escape(name)}</code></td><td>${escape(meaning)}</td></tr>`,
  );
  return `<table>${cells.join('')}</table>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
