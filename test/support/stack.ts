/**
 * The whole product for a test: real media server, gateway, agent with its model, all on free ports, with secrets
 * and logs in a folder of its own. Costs some seconds: share one in a file (`beforeAll`), stop it in `afterAll`.
 *
 *     const stack = await startTestStack();
 *     const { roomId } = await stack.service.createRoom('en');
 *     …
 *     await stack.close();
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MeetingService } from '../../demo/meeting-service.ts';
import { readLaunchConfig } from '../../launch/config.ts';
import { FREE_PORTS } from '../../launch/free-ports.ts';
import { obtainLivekit } from '../../launch/obtain-livekit.ts';
import { silent } from '../../launch/progress.ts';
import { defaultStateFolder, projectRoot } from '../../launch/project-root.ts';
import { type Stack, startStack } from '../../launch/stack.ts';

const run = promisify(execFile);

export interface TestStack extends Stack {
  readonly service: MeetingService;
  /** Where a process's log is, e.g. `log('gateway')`. */
  log(name: 'livekit' | 'gateway' | 'agent' | 'demo'): string;
  /** Stops everything and removes the folder. Idempotent. */
  close(): Promise<void>;
}

/** Without demo speakers unless `env` names them. */
export async function startTestStack(env: Readonly<Record<string, string>> = {}): Promise<TestStack> {
  await buildIfStale();
  const folder = testStateFolder();
  const all = {
    ...process.env,
    ...FREE_PORTS,
    SURTITRE_DEMO_AGENT_NAME: '',
    ...env,
    SURTITRE_STATE_FOLDER: folder,
  };
  try {
    const stack = await startStack({ config: readLaunchConfig(all), progress: silent, env: all });
    return {
      ...stack,
      service: new MeetingService(stack.url),
      log: (name) => readFileSync(join(folder, 'logs', `${name}.log`), 'utf8'),
      close: async () => {
        await stack.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    printLogs(folder);
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** What `scripts/start.mjs` does before a start; tests that were run alone find the same product. */
export async function buildIfStale(): Promise<void> {
  await run(process.execPath, [join(projectRoot, 'scripts/build.mjs')], { cwd: projectRoot });
  await obtainLivekit((_label, work) => work());
}

/** A folder like `.surtitre`, with the media server that was obtained there. The caller removes it. */
export function testStateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'surtitre-stack-'));
  const programs = join(defaultStateFolder, 'bin');
  mkdirSync(programs, { recursive: true });
  symlinkSync(programs, join(folder, 'bin'));
  return folder;
}

function printLogs(folder: string): void {
  const logs = join(folder, 'logs');
  if (!existsSync(logs)) return;
  for (const name of readdirSync(logs)) {
    console.error(`--- ${name}\n${readFileSync(join(logs, name), 'utf8').slice(-4_000)}`);
  }
}
