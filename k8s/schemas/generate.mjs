#!/usr/bin/env node
/**
 * Writes a strict JSON schema for each kind of resource that `k8s/` uses, from Kubernetes' own OpenAPI document
 * (`api/openapi-spec/swagger.json` of its source), so that manifests are checked without a cluster or a network.
 *
 *     node k8s/schemas/generate.mjs SWAGGER.json
 */
import { readFileSync, writeFileSync } from 'node:fs';

const KINDS = [
  'v1/ConfigMap',
  'v1/Namespace',
  'v1/Service',
  'v1/ServiceAccount',
  'apps/v1/Deployment',
  'apps/v1/StatefulSet',
  'autoscaling/v2/HorizontalPodAutoscaler',
  'networking.k8s.io/v1/Ingress',
  'networking.k8s.io/v1/NetworkPolicy',
  'policy/v1/PodDisruptionBudget',
];
// Written as text or as a number in manifests; the document says only "string".
const NUMBER_OR_TEXT = new Set([
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  'io.k8s.apimachinery.pkg.api.resource.Quantity',
]);

const [source] = process.argv.slice(2);
if (source === undefined || source === '--help') {
  console.log(
    'Usage: node k8s/schemas/generate.mjs SWAGGER.json\n\nSWAGGER.json: api/openapi-spec/swagger.json of Kubernetes.',
  );
  process.exit(source === undefined ? 1 : 0);
}
const { definitions, info } = JSON.parse(readFileSync(source, 'utf8'));

for (const kind of KINDS) {
  const parts = kind.split('/');
  const [group, version, name] = parts.length === 2 ? ['', ...parts] : parts;
  const [, definition] = Object.entries(definitions).find(
    ([, { 'x-kubernetes-group-version-kind': names }]) =>
      names?.some((one) => one.group === group && one.version === version && one.kind === name),
  );
  const schema = { $comment: `Kubernetes ${info.version}`, ...resolved(definition) };
  const suffix = [group.split('.')[0], version].filter((part) => part !== '').join('-');
  const file = new URL(`${name.toLowerCase()}-${suffix}.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(schema)}\n`);
}

/** A definition with what it refers to put in place, no prose, and no field that it does not name. */
function resolved({ $ref, type, format, properties, additionalProperties, items, required, enum: values }) {
  if ($ref !== undefined) {
    const name = $ref.replace('#/definitions/', '');
    if (NUMBER_OR_TEXT.has(name)) return { type: ['string', 'number'] };
    return resolved(definitions[name]);
  }
  return {
    ...(type === undefined ? {} : { type }),
    ...(format === undefined || format === 'int-or-string' ? {} : { format }),
    ...(values === undefined ? {} : { enum: values }),
    ...(required === undefined ? {} : { required }),
    ...(items === undefined ? {} : { items: resolved(items) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: resolved(additionalProperties) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, property]) => [name, resolved(property)]),
          ),
          additionalProperties: false,
        }),
  };
}
