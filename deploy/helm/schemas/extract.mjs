// node deploy/helm/schemas/extract.mjs SWAGGER.JSON > deploy/helm/schemas/kubernetes-1.27.json
// Of Kubernetes' own description (api/openapi-spec/swagger.json of its repository, Apache-2.0) what describes the objects of the
// chart, as JSON Schema in which a field that Kubernetes does not know is an error.
import { readFileSync } from 'node:fs';

const KINDS = {
  StatefulSet: 'io.k8s.api.apps.v1.StatefulSet',
  Service: 'io.k8s.api.core.v1.Service',
  Job: 'io.k8s.api.batch.v1.Job',
  NetworkPolicy: 'io.k8s.api.networking.v1.NetworkPolicy',
  PodDisruptionBudget: 'io.k8s.api.policy.v1.PodDisruptionBudget',
};
/** What the server writes. */
const NOT_OURS = ['status', 'managedFields'];

const [file] = process.argv.slice(2);
if (file === undefined)
  throw new Error('name the swagger.json of the oldest Kubernetes that the chart supports');
const { definitions } = JSON.parse(readFileSync(file, 'utf8'));
const found = new Map();

const shortName = (name) => name.split('.').slice(-2).join('.');

function reference(name) {
  const known = shortName(name);
  if (!found.has(known)) {
    found.set(known, {});
    found.set(known, converted(definitions[name]));
  }
  return { $ref: `#/$defs/${known}` };
}

function converted({ $ref, type, format, enum: values, required, properties, items, additionalProperties }) {
  if ($ref !== undefined) return reference($ref.replace('#/definitions/', ''));
  if (format === 'int-or-string') return { type: ['integer', 'string'] };
  if (type === 'array') return { type, items: converted(items) };
  if (additionalProperties !== undefined)
    return { type, additionalProperties: converted(additionalProperties) };
  if (properties === undefined) return { type, ...(values && { enum: values }) };
  const entries = Object.entries(properties).filter(([name]) => !NOT_OURS.includes(name));
  return {
    type,
    additionalProperties: false,
    ...(required && { required }),
    properties: Object.fromEntries(entries.map(([name, schema]) => [name, converted(schema)])),
  };
}

const kinds = Object.fromEntries(Object.entries(KINDS).map(([kind, name]) => [kind, reference(name)]));
const $defs = Object.fromEntries([...found].sort(([one], [other]) => (one < other ? -1 : 1)));
process.stdout.write(`${JSON.stringify({ kinds, $defs }, null, 1)}\n`);
