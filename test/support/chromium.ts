/**
 * A real headless Chromium for tests. Every launch has its own profile, which goes with it. Tests that need a
 * browser skip, and say why, where there is none:
 *
 *     const chromium = findChromium();
 *     describe.skipIf(chromium.path === null)(`in Chromium${chromium.path ? '' : ` (skipped: ${chromium.reason})`}`, …)
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium as playwright } from 'playwright-core';
import { findExecutable, isExecutable } from '../../runtime/executable.ts';

export type FoundChromium =
  | { readonly path: string; readonly reason: null }
  | { readonly path: null; readonly reason: string };

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** `CHROMIUM_PATH` first, then the usual names on PATH and in /usr/bin. */
export function findChromium(): FoundChromium {
  const wanted = process.env.CHROMIUM_PATH;
  if (wanted) {
    return isExecutable(wanted)
      ? { path: wanted, reason: null }
      : { path: null, reason: `CHROMIUM_PATH is ${wanted}, which cannot be executed` };
  }
  const path = findExecutable(NAMES, `${process.env.PATH ?? ''}:/usr/bin`);
  return path === null
    ? { path, reason: 'no Chromium found; install it (apt-get install chromium) or set CHROMIUM_PATH' }
    : { path, reason: null };
}

export interface ChromiumOptions {
  /** Absolute path of a WAV file that every `getUserMedia` microphone of this browser hears. */
  readonly microphoneFile?: string;
  /** Start the file again when it has ended. Default: it is played once, then silence. */
  readonly loopMicrophone?: boolean;
  /** BCP 47 language of the browser (`navigator.language`). Default `en`. */
  readonly language?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly deviceScaleFactor?: number;
  readonly reducedMotion?: 'reduce' | 'no-preference';
  readonly forcedColors?: 'active' | 'none';
  readonly extraArgs?: readonly string[];
}

export interface RunningChromium {
  /** Open pages with `context.newPage()`; participants that must not share storage need a launch each. */
  readonly context: BrowserContext;
  /** Ends the browser and removes its profile. May be called twice. */
  close(): Promise<void>;
}

/** Rejects with the reason of {@link findChromium} where there is no browser. */
export async function launchChromium(options: ChromiumOptions = {}): Promise<RunningChromium> {
  const found = findChromium();
  if (found.path === null) throw new Error(found.reason);
  const profile = await mkdtemp(join(tmpdir(), 'surtitre-chromium-'));
  const removeProfile = () => rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  try {
    const context = await playwright.launchPersistentContext(profile, {
      executablePath: found.path,
      headless: false, // the new headless mode is asked for by flag below, not Playwright's own shell
      ignoreDefaultArgs: true,
      args: launchArgs(profile, options),
      viewport: options.viewport ?? { width: 1280, height: 720 },
      ...(options.language === undefined ? {} : { locale: options.language }),
      ...(options.deviceScaleFactor === undefined ? {} : { deviceScaleFactor: options.deviceScaleFactor }),
      ...(options.reducedMotion === undefined ? {} : { reducedMotion: options.reducedMotion }),
      ...(options.forcedColors === undefined ? {} : { forcedColors: options.forcedColors }),
    });
    let closing: Promise<void> | null = null;
    return {
      context,
      close: () => {
        closing ??= context.close().finally(removeProfile);
        return closing;
      },
    };
  } catch (error) {
    await removeProfile();
    throw error;
  }
}

function launchArgs(profile: string, options: ChromiumOptions): string[] {
  const args = [
    '--headless=new',
    '--remote-debugging-pipe',
    `--user-data-dir=${profile}`,
    '--no-sandbox',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-default-apps',
    '--disable-extensions',
    '--disable-sync',
    '--disable-dev-shm-usage',
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
    '--password-store=basic',
    '--use-mock-keychain',
    '--mute-audio',
    '--autoplay-policy=no-user-gesture-required',
    // Without the fake UI getUserMedia is refused, without the fake device it finds none.
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    // Only matters where the loopback interface is the only one.
    '--allow-loopback-in-peer-connection',
    `--lang=${options.language ?? 'en'}`,
  ];
  if (options.microphoneFile !== undefined) {
    const suffix = options.loopMicrophone ? '' : '%noloop';
    args.push(`--use-file-for-fake-audio-capture=${options.microphoneFile}${suffix}`);
  }
  return [...args, ...(options.extraArgs ?? []), 'about:blank'];
}
