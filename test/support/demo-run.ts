/** `npm run demo` against a running stack. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../launch/project-root.ts';
import type { TestStack } from './stack.ts';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function startDemo(stack: TestStack, args: readonly string[]) {
  const healthPort = new URL(stack.agentHealthUrl).port;
  const command = [join(projectRoot, 'scripts/demo.mjs'), ...args, '--url', stack.url];
  // npm names the folder in which a person stands; these paths are absolute.
  const env = { ...process.env, INIT_CWD: projectRoot, SURTITRE_AGENT_HEALTH_PORT: healthPort };
  const child = spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk) => {
      output[name] += chunk;
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => resolve({ code: code ?? -1, ...output }));
  });
  return { child, ended, errors: () => output.stderr };
}

export function demo(stack: TestStack, args: readonly string[]): Promise<Ended> {
  return startDemo(stack, args).ended;
}

/** Letters only, so that a comma more or less is no difference. */
export function plain(text: string | undefined): string {
  return (text ?? '').toLowerCase().replace(/[^a-zà-ÿœ' ]/g, '');
}
