/** The whole path of a word: one browser's microphone, the SFU, agent, model, gateway, the screen of another. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, type RunningChromium } from './support/chromium.ts';
import { joinAs, openPage, type WatchedPage } from './support/meeting-page.ts';
import { type MicrophoneFile, microphoneFile } from './support/microphone-file.ts';
import { type Painted, readPaint, watchPaint, wordsOf } from './support/paint-watch.ts';
import { startTestStack, type TestStack } from './support/stack.ts';

const lack = findChromium().reason;

/** Of what the recordings say; a small model on a busy machine misses a word now and then. */
const SAID =
  'headphones connected jack named after utica new york expected team score easily hitting ability';
const ENOUGH = 9;

function heard(painted: Painted): string[] {
  const words = new Set(wordsOf(painted, 'Ada').split(/\s+/));
  return SAID.split(' ').filter((word) => words.has(word));
}

describe.skipIf(lack !== null)(`audio to screen${lack === null ? '' : ` (skipped: ${lack})`}`, () => {
  let stack: TestStack;
  let microphone: MicrophoneFile;
  let speakerBrowser: RunningChromium;
  let readerBrowser: RunningChromium;
  let speaker: WatchedPage;
  let reader: WatchedPage;

  beforeAll(async () => {
    [stack, microphone] = await Promise.all([
      startTestStack({ SURTITRE_LOG_LEVEL: 'debug' }),
      microphoneFile(['en-1', 'en-2', 'en-5'], 6),
    ]);
    [speakerBrowser, readerBrowser] = await Promise.all([
      launchChromium({ microphoneFile: microphone.path, loopMicrophone: true }),
      launchChromium(),
    ]);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([speakerBrowser?.close(), readerBrowser?.close()]);
    await stack?.close();
    await microphone?.remove();
  });

  it('lets one person start a meeting and another join by its link', async () => {
    speaker = await openPage(speakerBrowser.context, stack.url);
    await speaker.page.getByRole('button', { name: 'Start a meeting' }).click();
    await joinAs(speaker.page, 'Ada');
    reader = await openPage(readerBrowser.context, speaker.page.url());
    await joinAs(reader.page, 'Marie');
  });

  it('paints what was said under the speaker’s name, in a browser that pressed CC', async () => {
    await reader.page.getByRole('button', { name: 'Captions off' }).click();
    await watchPaint(reader.page);
    await expect
      .poll(async () => heard(await readPaint(reader.page)).length, { timeout: 60_000 })
      .toBeGreaterThanOrEqual(ENOUGH);
  }, 70_000);

  it('shows captions to no one who has not asked for them', async () => {
    expect(await speaker.page.getByRole('button', { name: 'Captions off' }).count()).toBe(1);
  });

  it('tells everybody that somebody has captions made of what they say', async () => {
    await speaker.page.getByText('What is said here is captioned live').filter({ visible: true }).waitFor();
  });

  it('brings a second reader the same words, the earlier ones included', async () => {
    await speaker.page.getByRole('button', { name: 'Captions off' }).click();
    await watchPaint(speaker.page);
    await expect
      .poll(async () => heard(await readPaint(speaker.page)).length, { timeout: 40_000 })
      .toBeGreaterThanOrEqual(3);
  }, 50_000);

  it('never changed a displayed word, and complained about nothing', async () => {
    for (const { page, complaints } of [reader, speaker]) {
      const painted = await readPaint(page);
      expect(painted.lines.length).toBeGreaterThan(0);
      expect(painted.changed).toEqual([]);
      expect(new Set(painted.lines.map((line) => line.speaker))).toEqual(new Set(['Ada']));
      expect(complaints).toEqual([]);
    }
  });

  it('wrote no name and no word into a log', () => {
    const logs = (['livekit', 'gateway', 'agent'] as const).map((name) => stack.log(name));
    const [sfu, ...ours] = logs.map((log) => log.toLowerCase());
    const room = new URL(speaker.page.url()).pathname.replace('/r/', '');
    // What a room's id opens is not for logs either: ours hold its beginning only.
    for (const secret of [
      'headphones',
      'utica',
      'york',
      'hitting',
      '"ada"',
      '"marie"',
      stack.apiSecret.toLowerCase(),
      'eyj',
      room,
    ]) {
      expect(ours.join('\n')).not.toContain(secret);
    }
    // The media server is not ours and names rooms; words and tokens it must not know.
    for (const secret of ['headphones', 'utica', stack.apiSecret.toLowerCase(), 'eyj']) {
      expect(sfu).not.toContain(secret);
    }
  });
});
