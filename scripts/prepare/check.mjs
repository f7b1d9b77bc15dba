/** Biome over all files, then the TypeScript compiler over all projects. */
import { tool } from './build.mjs';
import { run } from './command.mjs';
import { step } from './progress.mjs';

export async function check(root) {
  await step('Checking format and lint rules', () =>
    run(...tool(root, '@biomejs/biome/bin/biome', ['check', '--error-on-warnings']), { cwd: root }),
  );
  await step('Checking types', () => run(...tool(root, 'typescript/bin/tsc', ['-b']), { cwd: root }));
}
