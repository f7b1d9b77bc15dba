/** What `kubectl kustomize` makes of an overlay, as data. */
import { execFileSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';

export interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: as deep as Kubernetes; the schemas check its shape.
  readonly spec?: any;
  readonly data?: Record<string, string>;
}

/** A Deployment's or StatefulSet's pods. */
export interface Workload {
  readonly name: string;
  readonly kind: string;
  readonly labels: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly pod: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly containers: readonly any[];
}

export function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export function kustomize(folder: string): {
  readonly text: string;
  readonly resources: readonly Resource[];
} {
  const text = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  return { text, resources: parseAllDocuments(text).map((document) => document.toJS() as Resource) };
}

export function workloadsOf(resources: readonly Resource[]): readonly Workload[] {
  return resources
    .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
    .map(({ kind, metadata, spec }) => ({
      name: metadata.name,
      kind,
      labels: spec.template.metadata.labels,
      pod: spec.template.spec,
      containers: spec.template.spec.containers,
    }));
}

/** Whether an equality selector picks these labels; an empty one picks everything. */
export function selects(
  selector: { readonly matchLabels?: Record<string, string> },
  labels: Record<string, string>,
): boolean {
  return Object.entries(selector.matchLabels ?? {}).every(([name, value]) => labels[name] === value);
}

/** The variables of a container, those from settings and secrets included; a secret's value is made up. */
export function environmentOf(
  // biome-ignore lint/suspicious/noExplicitAny: as above
  container: any,
  resources: readonly Resource[],
): Record<string, string> {
  const settings = (name: string): Record<string, string> =>
    resources.find((resource) => resource.kind === 'ConfigMap' && resource.metadata.name === name)?.data ??
    {};
  const environment: Record<string, string> = {};
  for (const { configMapRef } of container.envFrom ?? []) {
    Object.assign(environment, settings(configMapRef.name));
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (value !== undefined) environment[name] = value;
    else if (valueFrom.configMapKeyRef !== undefined) {
      environment[name] = settings(valueFrom.configMapKeyRef.name)[valueFrom.configMapKeyRef.key] ?? '';
    } else if (name.endsWith('_URL')) environment[name] = 'redis://:made-up@redis:6379';
    else environment[name] = `made-up-${name.toLowerCase()}`.padEnd(40, 'x');
  }
  return environment;
}
