/** Dependencies and build are current when this resolves. Prints one sentence and exits when they cannot be. */
import { fileURLToPath } from 'node:url';
import { buildIfStale } from './build.mjs';
import { Sentence } from './command.mjs';
import { installDependencies } from './dependencies.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export async function prepared({ verbose = false, build = true } = {}) {
  await orSentence(async () => {
    await installDependencies(root, { verbose });
    if (build) await buildIfStale(root, { verbose });
  });
}

/** Failures that a person can act on end the process with their sentence; others are faults of ours and throw. */
export async function orSentence(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Sentence)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
