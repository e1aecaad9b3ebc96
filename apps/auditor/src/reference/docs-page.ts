import { OPERATIONS, PROBLEM_TYPES } from './openapi';

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430 }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
code { font: 0.9em ui-monospace, monospace; background: #eef1f5; padding: 0.1em 0.3em; border-radius: 3px }
table { border-collapse: collapse; width: 100% } td { border-top: 1px solid #d8dee6; padding: 0.3rem 0.6rem 0.3rem 0; vertical-align: top }
@media (prefers-color-scheme: dark) { body { background: #14181e; color: #dde3ea } code { background: #232a33 } td { border-color: #2d3640 } }`;

/** The reference as one HTML page without foreign assets. */
export function docsPage(): string {
  const sections = Object.entries(OPERATIONS).map(
    ([path, operation]) => `<h2><code>GET ${escape(path)}</code></h2>
<p>${escape(operation.summary)}. ${escape(operation.description)}</p>
<table>${operation.parameters.map(({ name, description }) => row(name, description)).join('')}</table>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Quorate audit queries</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style></head><body>
<h1>Quorate audit queries</h1>
<p>The append-only log of everything that was decided. Entry <i>i</i> of log <i>p</i> is the record at offset <i>i</i>
of partition <i>p</i> of <code>mpc.events</code>. For machines: <a href="openapi.json"><code>openapi.json</code></a>.</p>
${sections.join('\n')}
<h2>Example</h2>
<p><code>curl 'http://127.0.0.1:8083/v1/events?type=quorate.sign.completed.v1&amp;order=desc&amp;limit=10'</code></p>
<h2>Problems</h2>
<p>Errors are problem documents (RFC 9457) with one of these types:</p>
<table>${Object.entries(PROBLEM_TYPES)
    .map(([type, meaning]) => row(type, meaning))
    .join('')}</table>
<h2>Operation</h2>
<table>${row('/healthz', 'The process is alive.')}${row('/readyz', 'Ready; or 503 with what it waits for.')}${row('/metrics', 'Prometheus metrics.')}</table>
</body></html>`;
}

function row(name: string, description: string): string {
  return `<tr><td><code>${escape(name)}</code></td><td>${escape(description)}</td></tr>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
