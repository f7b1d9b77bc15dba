/** Checks manifests against the schemas in `k8s/schemas/`; the checker is found, or built with Go once. */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { defaultStateFolder, projectRoot } from '../../launch/project-root.ts';

const MODULE = 'github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0';
const run = promisify(execFile);

/** Rejects with what is wrong with the manifests. Null: neither the checker nor Go is here. */
export async function kubeconform(): Promise<((manifests: string) => Promise<void>) | null> {
  const program = runs('kubeconform') ? 'kubeconform' : await built();
  if (program === null) return null;
  return async (manifests) => {
    const folder = await mkdtemp(join(tmpdir(), 'surtitre-manifests-'));
    try {
      const file = join(folder, 'manifests.yaml');
      writeFileSync(file, manifests);
      const schemas = join(projectRoot, 'k8s/schemas', '{{.ResourceKind}}{{.KindSuffix}}.json');
      await run(program, ['-strict', '-schema-location', schemas, file]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

async function built(): Promise<string | null> {
  const folder = join(defaultStateFolder, 'bin');
  const program = join(folder, 'kubeconform');
  if (existsSync(program)) return program;
  try {
    await run('go', ['install', MODULE], { env: { ...process.env, GOBIN: folder } });
    return program;
  } catch {
    return null;
  }
}

function runs(program: string): boolean {
  try {
    execFileSync(program, ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
