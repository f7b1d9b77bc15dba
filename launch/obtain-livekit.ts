/** Obtains the media server ahead of the tests, so that no test waits minutes for a build. */
import { livekitProgram } from './livekit-program.ts';
import type { Progress } from './progress.ts';
import { defaultStateFolder } from './project-root.ts';

/** Does nothing where LIVEKIT_URL names a server. `step` shows what takes longer. */
export async function obtainLivekit(step: Progress['step']): Promise<void> {
  if (process.env.LIVEKIT_URL) return;
  const progress = { step, line: (text: string) => console.error(text) };
  await livekitProgram({ stateFolder: defaultStateFolder, progress, env: process.env });
}
