/** Chromium for the tests in a browser. Those skip themselves, with the reason, when there is none. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './command.mjs';
import { step } from './progress.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Installs Debian's package when that is possible; otherwise says what a person can do. */
export async function provideChromium(root) {
  if (process.env.CHROMIUM_PATH || NAMES.some(isOnPath)) return;
  const advice = 'Install Chromium, or name one with CHROMIUM_PATH; the tests in a browser are skipped.';
  if (!isOnPath('apt-get') || process.getuid?.() !== 0) {
    console.error(`There is no Chromium here. ${advice}`);
    return;
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    await step('Installing Chromium', async () => {
      await run('apt-get', ['update', '-qq'], { cwd: root, env });
      await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
        cwd: root,
        env,
      });
    });
  } catch {
    console.error(`Chromium could not be installed with apt-get. ${advice}`);
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
