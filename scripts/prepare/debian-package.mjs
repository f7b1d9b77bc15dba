/** Programs that tests need and npm does not have. Tests skip themselves, with the reason, where there is none. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './command.mjs';
import { step } from './progress.mjs';

/**
 * Installs Debian's package `name` when that is possible and none of `programs` is there; otherwise says what a
 * person can do. `lost`: what is skipped then.
 */
export async function provideDebianPackage(root, { name, title, programs, lost }) {
  if (programs.some(isOnPath)) return;
  const advice = `Install ${title}; ${lost} skipped.`;
  if (!isOnPath('apt-get') || process.getuid?.() !== 0) {
    console.error(`There is no ${title} here. ${advice}`);
    return;
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await step(`Installing ${title}`, async () => {
      await run('apt-get', ['update', '-qq'], { cwd: root, env });
      await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], { cwd: root, env });
    });
  } catch {
    console.error(`${title} could not be installed with apt-get. ${advice}`);
  }
}

function isOnPath(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), '/usr/bin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
