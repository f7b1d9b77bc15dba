/** The manifests of `k8s/`, without a cluster: what they hold after kustomize, and whether our processes accept it. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../launch/project-root.ts';
import { kubeconform } from './support/kubeconform.ts';
import {
  environmentOf,
  hasKubectl,
  kustomize,
  type Resource,
  selects,
  type Workload,
  workloadsOf,
} from './support/kubernetes-manifests.ts';
import { buildIfStale } from './support/stack.ts';

const run = promisify(execFile);
const kubectl = hasKubectl();
const checker = await kubeconform();
if (!kubectl) console.log('skipped: Kubernetes manifests; there is no kubectl here');
if (checker === null)
  console.log('skipped: schemas of Kubernetes; kubeconform is not here and Go is missing');

describe.skipIf(!kubectl).each(['single-node', 'highly-available'])('overlay %s', (overlay) => {
  let resources: readonly Resource[];
  let workloads: readonly Workload[];
  let text: string;

  beforeAll(() => {
    ({ resources, text } = kustomize(join(projectRoot, 'k8s/overlays', overlay)));
    workloads = workloadsOf(resources);
  });

  const ofKind = (kind: string) => resources.filter((resource) => resource.kind === kind);
  const ours = () => workloads.filter(({ name }) => name === 'gateway' || name === 'agent');

  test.skipIf(checker === null)('every resource has the shape that Kubernetes knows', async () => {
    await checker?.(text);
  });

  test('holds every part', () => {
    const names = workloads.map(({ name }) => name).sort();
    expect(names).toEqual(
      overlay === 'single-node'
        ? ['agent', 'gateway', 'livekit']
        : ['agent', 'gateway', 'livekit-a', 'livekit-b', 'redis'],
    );
  });

  test('pods keep to the restricted pod security standard', () => {
    expect(ofKind('Namespace')[0]?.metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
    for (const { pod, containers } of workloads) {
      expect(pod.hostNetwork ?? pod.hostPID ?? pod.hostIPC ?? false).toBe(false);
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
      for (const volume of pod.volumes ?? [])
        expect(Object.keys(volume).sort()).toEqual(['configMap', 'name']);
      for (const container of containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        for (const port of container.ports) expect(port.hostPort).toBeUndefined();
      }
    }
  });

  test('no pod gets a token for the cluster, and each has an account of its own', () => {
    const accounts = ofKind('ServiceAccount');
    for (const account of accounts) expect(account).toMatchObject({ automountServiceAccountToken: false });
    for (const { pod } of workloads) {
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(accounts.map(({ metadata }) => metadata.name)).toContain(pod.serviceAccountName);
    }
  });

  test('nothing talks to anything that is not named', () => {
    const policies = ofKind('NetworkPolicy').map(({ spec }) => spec);
    const closed = policies.find(({ podSelector }) => Object.keys(podSelector).length === 0);
    expect(closed?.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(closed?.ingress).toBeUndefined();
    for (const { labels, name } of workloads) {
      const own = policies.filter((policy) => policy !== closed && selects(policy.podSelector, labels));
      expect(own, name).not.toEqual([]);
      for (const rule of own.flatMap((policy) => policy.egress)) {
        expect(rule.ports, name).not.toEqual([]);
        expect(rule.to, name).not.toBeUndefined();
        const world = rule.to.filter((peer: { ipBlock?: unknown }) => peer.ipBlock !== undefined);
        if (!name.startsWith('livekit')) expect(world, name).toEqual([]);
      }
    }
  });

  test('whoever needs another process may reach it', () => {
    const policies = ofKind('NetworkPolicy').map(({ spec }) => spec);
    const labelsOf = (name: string) => workloads.find((workload) => workload.name === name)?.labels ?? {};
    const media = overlay === 'single-node' ? ['livekit'] : ['livekit-a', 'livekit-b'];
    const ways: (readonly [string, string, number])[] = [
      ...media.flatMap((node) => [
        ['gateway', node, 7880] as const,
        ['agent', node, 7880] as const,
        [node, 'gateway', 8080] as const,
      ]),
      ['agent', 'gateway', 8081],
      ...(overlay === 'single-node'
        ? []
        : ['gateway', ...media].map((from) => [from, 'redis', 6379] as const)),
    ];
    for (const [from, to, port] of ways) {
      const allowed = policies
        .filter((policy) => selects(policy.podSelector, labelsOf(from)))
        .flatMap((policy) => policy.egress ?? [])
        .some(
          (rule) =>
            rule.ports.some((one: { port: number }) => one.port === port) &&
            rule.to.some(
              (peer: {
                podSelector?: { matchLabels?: Record<string, string> };
                namespaceSelector?: unknown;
              }) =>
                peer.podSelector !== undefined &&
                peer.namespaceSelector === undefined &&
                selects(peer.podSelector, labelsOf(to)),
            ),
        );
      expect(allowed, `${from} to ${to}:${port}`).toBe(true);
    }
  });

  test('one pod of a kind at a time may be taken away', () => {
    const budgets = ofKind('PodDisruptionBudget').map(({ spec }) => spec);
    for (const { labels, name } of workloads) {
      const own = budgets.filter((budget) => selects(budget.selector, labels));
      expect(own, name).toHaveLength(1);
      expect(own[0].maxUnavailable, name).toBe(1);
    }
  });

  test('pods of a kind are spread over machines', () => {
    for (const { pod, labels, name } of workloads) {
      const [spread] = pod.topologySpreadConstraints;
      expect(spread.topologyKey).toBe('kubernetes.io/hostname');
      expect(selects(spread.labelSelector, labels), name).toBe(true);
    }
  });

  test('being alive and being ready are different questions', () => {
    for (const { containers, name } of workloads) {
      for (const { livenessProbe, readinessProbe } of containers) {
        const question = (probe: object) => ({
          ...probe,
          periodSeconds: 0,
          timeoutSeconds: 0,
          failureThreshold: 0,
        });
        expect(readinessProbe, name).toBeDefined();
        expect(question(livenessProbe), name).not.toEqual(question(readinessProbe));
      }
    }
  });

  test('a pod that ends has the time that it takes', () => {
    for (const { pod, containers, name } of workloads) {
      for (const container of containers) {
        const pause = container.lifecycle.preStop.sleep.seconds;
        const drainMs = Number(environmentOf(container, resources).SURTITRE_DRAIN_MS ?? 5_000);
        expect(pod.terminationGracePeriodSeconds, name).toBeGreaterThan(pause + drainMs / 1_000 + 5);
      }
    }
  });

  test('images are pinned by digest, secrets are referred to', () => {
    for (const { containers, name } of workloads) {
      for (const { image, env = [] } of containers) {
        expect(image, name).toMatch(/@sha256:[0-9a-f]{64}$/);
        for (const variable of env) {
          if (!/SECRET|PASSWORD|KEY|REDIS_URL/.test(variable.name)) continue;
          expect(variable.valueFrom?.secretKeyRef, variable.name).toBeDefined();
        }
      }
    }
    expect(ofKind('Secret')).toEqual([]);
  });

  test('every pod says what it needs', () => {
    for (const { containers } of workloads) {
      for (const { resources: needs } of containers) {
        expect(needs).toMatchObject({
          requests: { cpu: expect.anything(), memory: expect.anything() },
          limits: { memory: expect.anything() },
        });
      }
    }
  });

  test('autoscalers look at metrics that our processes have', () => {
    // Each panel of it is shown to be alive by dashboards.test.ts.
    const dashboard = readFileSync(join(projectRoot, 'ops/grafana/machinery.json'), 'utf8');
    const names = ofKind('HorizontalPodAutoscaler')
      .flatMap(({ spec }) => spec.metrics)
      .map(({ pods }) => pods.metric.name);
    expect(names).toHaveLength(overlay === 'single-node' ? 0 : 2);
    for (const name of names) expect(dashboard).toMatch(new RegExp(`\\b${name}\\b`));
  });

  test('our processes accept their variables', async () => {
    await buildIfStale();
    const folders: Record<string, string> = { gateway: 'gateway', agent: 'agents' };
    for (const { name, containers } of ours()) {
      const env = { PATH: process.env.PATH, ...environmentOf(containers[0], resources) };
      const main = join(projectRoot, 'dist', folders[name] ?? '', 'main.js');
      await run(process.execPath, [main, '--check-config'], { env, cwd: projectRoot });
    }
  });
});
