import { OPERATIONS, PROBLEM_TYPES } from './openapi';

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
code { font: 0.9em ui-monospace, monospace } td { padding: 0.2rem 0.8rem 0.2rem 0; vertical-align: top }
:root { color-scheme: light dark }`;

/** The reference as one HTML page without foreign assets. */
export function docsPage(): string {
  const sections = Object.entries(OPERATIONS).map(
    ([path, { summary, description, parameters }]) => `<h2><code>GET ${escape(path)}</code></h2>
<p>${escape(summary)}. ${escape(description)}</p>
<table>${parameters.map(({ name, description: meaning }) => row(name, meaning)).join('')}</table>`,
  );
  const types = Object.entries(PROBLEM_TYPES).map(([type, meaning]) => row(type, meaning));
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Quorate transaction submitter</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${style}</style></head><body>
<h1>Quorate transaction submitter</h1>
<p>What became of transaction intents. For machines: <a href="openapi.json"><code>openapi.json</code></a>.</p>
${sections.join('\n')}
<h2>Problems</h2><p>Errors are problem documents (RFC 9457) with one of these types:</p><table>${types.join('')}</table>
<h2>Operation</h2>
<table>${row('/healthz', 'The process is alive.')}${row('/readyz', 'Ready; or 503 with what it waits for.')}${row('/metrics', 'Prometheus metrics.')}</table>
</body></html>`;
}

function row(name: string, meaning: string): string {
  return `<tr><td><code>${escape(name)}</code></td><td>${escape(meaning)}</td></tr>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
