/** Chromium for the tests in a browser. Those skip themselves, with the reason, when there is none. */
import { provideDebianPackage } from './debian-package.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

export async function provideChromium(root) {
  if (process.env.CHROMIUM_PATH) return;
  await provideDebianPackage(root, {
    name: 'chromium',
    title: 'Chromium',
    programs: NAMES,
    lost: 'or name one with CHROMIUM_PATH. The tests in a browser are',
  });
}
