/** Points 18–25 of docs/accessibility.md, the overlay's part: reading back, keeping, hearing, and people who caption. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import type { CaptionEvent, Speaker } from '../../protocol/caption-event.ts';
import {
  MARIE,
  noChromium,
  overlayForEachTest,
  PAUL,
  skipNote,
  speak,
  turn,
} from '../support/overlay-fixture.ts';

const overlay = overlayForEachTest();
const SPEAKERS: readonly Speaker[] = [
  MARIE,
  PAUL,
  { identity: 'irene', name: 'Irène', trackSid: 'TR_irene' },
];
const SENTENCES = [
  'Le premier point porte sur les sous-titres.',
  'Chacun doit pouvoir lire sans effort.',
  'Je propose de commencer par le budget.',
  'Gardons dix minutes pour les questions.',
];

/** WCAG 1.4.12. */
const SPACING =
  '* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }';

/** `count` turns, ten seconds apart, that end now; numbered from `first`. */
function talk(count: number, first = 1, endMs = Date.now()): CaptionEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const utterance = first + index;
    const speaker = SPEAKERS[utterance % SPEAKERS.length] ?? MARIE;
    const text = `${SENTENCES[utterance % SENTENCES.length]} Phrase ${utterance}.`;
    return turn(utterance, speaker, text, endMs - (count - index) * 10_000);
  }).flat();
}

describe.skipIf(noChromium !== null)(`in Chromium${skipNote}`, () => {
  const panel = () => overlay.captions.getByRole('dialog', { name: 'Transcript' });
  const openTranscript = async () => {
    await overlay.captions.getByRole('button', { name: 'Transcript' }).click();
  };
  const rows = () => panel().locator('li.entry');

  test('point 18: pin speaker’s captions and pin one line; pinned survives 10 minutes of talk', async () => {
    await overlay.switchOn({ controls: '' });
    await overlay.connected();
    overlay.gateway.publish(...turn(1, MARIE, 'Le code est 4512.', Date.now()));
    overlay.gateway.publish(...turn(2, PAUL, 'Merci Marie.', Date.now()));
    await overlay.seen('Merci Marie.');
    await openTranscript();
    await rows()
      .filter({ hasText: 'Le code est 4512.' })
      .getByRole('button', { name: 'Pin this line' })
      .click();
    await panel().getByRole('button', { name: 'Close' }).click();
    await overlay.captions.getByRole('button', { name: 'Caption settings' }).click();
    await overlay.captions.getByLabel('Always show').selectOption('Paul Langevin');
    await overlay.page.keyboard.press('Escape');

    for (let minute = 0; minute < 10; minute += 1) {
      const others = talk(25, 100 + 25 * minute).filter(
        (event) => !('speaker' in event) || event.speaker !== PAUL,
      );
      const known = new Set(others.flatMap((event) => (event.type === 'opened' ? [event.utterance] : [])));
      overlay.gateway.publish(
        ...others.filter((event) => !('utterance' in event) || known.has(event.utterance)),
      );
      await overlay.painted();
    }
    const pinned = overlay.captions.getByRole('list', { name: 'Pinned lines' });
    expect(await pinned.getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/Marie Curie\s+Le code est 4512\./),
    ]);
    const speaker = overlay.captions.locator('[part=pinned-stage] [part=line]');
    expect(await speaker.allTextContents()).toEqual(['Merci Marie.']);
    overlay.gateway.publish(...turn(900, PAUL, 'Je reviens.', Date.now()));
    await overlay.seen('Je reviens.');
    expect(await speaker.allTextContents()).toEqual(['Merci Marie.', 'Je reviens.']);

    await pinned.getByRole('button', { name: 'Unpin this line' }).click();
    await overlay.painted();
    expect(await pinned.count()).toBe(0);
    await overlay.captions.getByRole('button', { name: 'Stop always showing Paul Langevin' }).click();
    await overlay.painted();
    expect(await speaker.count()).toBe(0);
  });

  test('point 19: scroll up stops auto-scroll, shows new-count and “back to live”; last-read marker', async () => {
    overlay.gateway.keep(...talk(60));
    await overlay.switchOn({ controls: '' });
    await overlay.connected();
    await openTranscript();
    const scroller = panel().getByRole('region');
    const top = () => scroller.evaluate((element) => element.scrollTop);
    const isAtEnd = () =>
      scroller.evaluate(
        ({ scrollTop, clientHeight, scrollHeight }) => scrollHeight - clientHeight - scrollTop < 2,
      );
    const live = panel().getByRole('button', { name: /Back to live/ });
    await vi.waitFor(async () => expect(await isAtEnd()).toBe(true));
    overlay.gateway.publish(...turn(61, MARIE, 'Suivi en direct.', Date.now()));
    await rows().filter({ hasText: 'Suivi en direct.' }).waitFor();
    expect(await isAtEnd()).toBe(true);
    expect(await live.isVisible()).toBe(false);

    await scroller.evaluate((element) => element.scrollBy(0, -700));
    await live.waitFor();
    const before = await top();
    overlay.gateway.publish(...turn(62, MARIE, 'Première nouvelle.', Date.now()));
    overlay.gateway.publish(...turn(63, PAUL, 'Deuxième nouvelle.', Date.now()));
    await panel().getByRole('button', { name: 'Back to live · 2 new' }).waitFor();
    expect(Math.abs((await top()) - before)).toBeLessThan(2);
    await live.click();
    expect(await isAtEnd()).toBe(true);
    const marked = panel().locator('li').filter({ hasText: 'Read up to here' });
    expect(await marked.locator('xpath=preceding-sibling::li[1]').textContent()).toContain(
      'Suivi en direct.',
    );
    expect(await marked.locator('xpath=following-sibling::li[1]').textContent()).toContain(
      'Première nouvelle.',
    );

    // Closed and opened again: up to where it was followed, and the way back there.
    await overlay.page.keyboard.press('Escape');
    overlay.gateway.publish(...talk(40, 64, Date.now() + 400_000));
    await openTranscript();
    await panel().getByRole('button', { name: 'Where I was' }).click();
    expect(await marked.locator('xpath=preceding-sibling::li[1]').textContent()).toContain(
      'Deuxième nouvelle.',
    );
    const inSight = await marked.evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top > 0 && bottom < innerHeight;
    });
    expect(inSight).toBe(true);
  });

  test('point 20: 3-hour transcript: search, filter by speaker, bounded DOM (<300 rows), stable heap', async () => {
    const threeHours = Array.from({ length: 25 }, (_, part) =>
      talk(120, 1 + 120 * part, Date.now() - (24 - part) * 1_200_000),
    );
    for (const part of threeHours) overlay.gateway.keep(...part);
    await overlay.switchOn({ controls: '' });
    await overlay.connected();
    expect(await overlay.transcript()).toHaveLength(3_000);
    await openTranscript();
    const scroller = panel().getByRole('region');
    let most = 0;
    const look = async () => {
      most = Math.max(most, await panel().locator('li').count());
    };
    await look();
    await scroller.focus();
    await overlay.page.keyboard.press('Home');
    await rows()
      .filter({ hasText: /Phrase 1\.$/ })
      .waitFor();
    await look();
    for (let step = 0; step < 25; step += 1) {
      await scroller.evaluate((element) => element.scrollBy(0, 1_500));
      await overlay.painted();
      await look();
    }
    await overlay.page.keyboard.press('End');
    await rows()
      .filter({ hasText: /Phrase 3000\.$/ })
      .waitFor();
    await look();
    expect(most).toBeLessThan(300);

    await panel().getByRole('searchbox').fill('PHRASE 1500');
    await panel().getByText('1 passage', { exact: true }).waitFor();
    expect(await rows().locator('mark').allTextContents()).toEqual(['Phrase 1500']);
    await rows().getByRole('button', { name: 'Show in the transcript' }).click();
    await rows().filter({ hasText: 'Phrase 1499.' }).waitFor();
    await panel().getByLabel('Speaker').selectOption('Irène');
    await panel().getByText('1000 passages').waitFor();
    await look();
    expect(most).toBeLessThan(300);
    await panel().getByLabel('Speaker').selectOption('Everybody');

    const devtools = await overlay.page.context().newCDPSession(overlay.page);
    const heap = async () => {
      await devtools.send('HeapProfiler.collectGarbage');
      return (await devtools.send('Runtime.getHeapUsage')).usedSize;
    };
    // Full at 5,000: from here on what comes takes the place of what goes.
    for (let part = 0; part < 21; part += 1) overlay.gateway.publish(...talk(100, 3_001 + 100 * part));
    await rows()
      .filter({ hasText: /Phrase 5100\.$/ })
      .waitFor();
    const full = await heap();
    for (let part = 0; part < 20; part += 1) overlay.gateway.publish(...talk(100, 5_101 + 100 * part));
    await rows()
      .filter({ hasText: /Phrase 7100\.$/ })
      .waitFor();
    await look();
    expect(most).toBeLessThan(300);
    expect(await overlay.transcript()).toHaveLength(5_000);
    // A leak of what 2,000 turns hold would add two fifths.
    expect((await heap()) / full).toBeLessThan(1.25);
  });

  test('point 21: export VTT (with <v>), SRT, TXT, JSON; valid, timestamps within 100 ms; only if policy permits', async () => {
    const startMs = Date.UTC(2026, 10, 22, 9, 0, 0);
    overlay.gateway.keep(...turn(1, MARIE, 'Est-ce que 3 < 4 & 5 > 4 ?', startMs));
    overlay.gateway.keep({
      type: 'gap',
      identity: null,
      fromMs: startMs + 5_000,
      toMs: startMs + 9_000,
      reason: 'overload',
    });
    overlay.gateway.keep(...turn(2, PAUL, SENTENCES.join(' '), startMs + 10_000, { source: 'human' }));
    await overlay.switchOn({ controls: '' });
    await overlay.connected();
    await openTranscript();
    const save = async (format: string) => {
      await panel().getByLabel('Format').selectOption(format);
      const [download] = await Promise.all([
        overlay.page.waitForEvent('download'),
        panel().getByRole('button', { name: 'Save' }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(new RegExp(`^surtitre-.*\\.${format}$`));
      return readFile(await download.path(), 'utf8');
    };

    // Chromium's own parser is the judge of WebVTT.
    const vtt = await save('vtt');
    const reader = await overlay.page.context().newPage();
    const cues = await reader.evaluate(async (text) => {
      const track = document.createElement('track');
      track.src = URL.createObjectURL(new Blob([text], { type: 'text/vtt' }));
      const video = document.createElement('video');
      video.append(track);
      document.body.append(video);
      track.track.mode = 'hidden';
      await new Promise((resolve, reject) => {
        track.onload = resolve;
        track.onerror = reject;
      });
      return [...(track.track.cues ?? [])].map((cue) => {
        const shown = (cue as VTTCue).getCueAsHTML();
        const voice = shown.querySelector('span');
        return {
          from: cue.startTime,
          to: cue.endTime,
          text: shown.textContent,
          voice: voice?.title,
          kind: voice?.className,
        };
      });
    }, vtt);
    await reader.close();
    expect(cues[0]).toMatchObject({ from: 0, text: 'Est-ce que 3 < 4 & 5 > 4 ?', voice: 'Marie Curie' });
    expect(cues[1]).toMatchObject({ from: 5, text: 'Captions were interrupted here · 4 s missing' });
    const paul = cues.slice(2);
    expect(paul.map(({ text }) => text).join(' ')).toBe(SENTENCES.join(' '));
    expect(
      paul.every(
        ({ voice, kind, text }) => voice === 'Paul Langevin' && kind === 'human' && (text ?? '').length <= 84,
      ),
    ).toBe(true);
    let word = 0;
    for (const { from, to, text } of paul) {
      const count = (text ?? '').split(' ').length;
      expect(Math.abs(from - (10 + 0.3 * word))).toBeLessThan(0.1);
      expect(Math.abs(to - Math.max(from + 1, 10 + 0.3 * (word + count - 1) + 0.25))).toBeLessThan(0.1);
      word += count;
    }

    const srt = await save('srt');
    const blocks = srt.trimEnd().split('\n\n');
    expect(blocks[0]).toBe('1\n00:00:00,000 --> 00:00:02,950\nMarie Curie: Est-ce que 3 < 4 & 5 > 4 ?');
    for (const [index, block] of blocks.entries()) {
      expect(block).toMatch(
        new RegExp(`^${index + 1}\n\\d\\d:\\d\\d:\\d\\d,\\d{3} --> \\d\\d:\\d\\d:\\d\\d,\\d{3}\n.+$`),
      );
    }
    const txt = await save('txt');
    expect(txt.split('\n').map((line) => line.replace(/^\[\d\d:\d\d:\d\d\] /, ''))).toEqual([
      'Marie Curie: Est-ce que 3 < 4 & 5 > 4 ?',
      '— Captions were interrupted here · 4 s missing —',
      `Paul Langevin: ${SENTENCES.join(' ')}`,
      '',
    ]);
    const json = JSON.parse(await save('json'));
    expect(json).toMatchObject({ format: 'surtitre-transcript', version: 1, gaps: [{ reason: 'overload' }] });
    expect(json.utterances[1]).toMatchObject({
      source: 'human',
      corrected: false,
      speaker: { name: 'Paul Langevin' },
    });
    expect(json.utterances[1].words[1]).toEqual({
      text: 'premier',
      startMs: startMs + 10_300,
      endMs: startMs + 10_550,
    });

    await overlay.page.evaluate(() =>
      document.querySelector('surtitre-captions')?.setAttribute('no-export', ''),
    );
    expect(await panel().getByRole('button', { name: 'Save' }).count()).toBe(0);
    const refused = await overlay.page.evaluate(() => {
      try {
        return document.querySelector('surtitre-captions')?.exportTranscript('txt');
      } catch (error) {
        return (error as DOMException).name;
      }
    });
    expect(refused).toBe('NotAllowedError');
  });

  test('point 22: kill socket 10 s: visible gap marker, then backfill, no duplicates, correct order', async () => {
    await overlay.switchOn({ controls: '' });
    await overlay.connected();
    const nowMs = Date.now() + 10_000;
    const [marie, paul] = [speak(1, MARIE, nowMs), speak(2, PAUL, nowMs + 2_000)];
    overlay.gateway.publish({ type: 'status', state: 'live', sinceMs: 1 }, marie.opened, marie.say('Avant'));
    await overlay.seen('Avant');
    overlay.gateway.cut({ refuse: true });
    const marker = overlay.captions.locator('[part=gap]');
    await marker.filter({ hasText: /^Connection lost · nothing new since \d\d:\d\d:\d\d$/ }).waitFor();
    await new Promise((resolve) => setTimeout(resolve, 10_000)); // the length of the cut that the point names
    // Silence alone would have cleared the screen after five seconds.
    expect((await overlay.screen()).slice(0, 2)).toEqual(['Marie Curie:', 'Avant']);
    expect(await marker.count()).toBe(1);
    overlay.gateway.keep(marie.say('pendant'), marie.closed(), paul.opened, paul.say('encore'));
    overlay.gateway.open();
    await overlay.page.evaluate(() => window.dispatchEvent(new Event('online')));
    await overlay.connected(2);
    overlay.gateway.publish(paul.say('après'));
    await overlay.seen('encore après');
    expect(await overlay.screen()).toEqual([
      'Marie Curie:',
      'Avant pendant',
      'Paul Langevin:',
      'encore après',
    ]);
    expect(await overlay.transcript()).toEqual(['Avant pendant', 'encore après']);
    expect((await overlay.watched()).changed).toEqual([]);
  }, 40_000);

  test('point 22: late joiner receives allowed history', async () => {
    overlay.gateway.keep(
      ...talk(30, 1, Date.now() - 60_000),
      ...turn(31, MARIE, 'Il y a un instant.', Date.now() - 4_000),
    );
    await overlay.switchOn({ controls: '' });
    await overlay.connected();
    await overlay.seen('Il y a un instant.');
    expect(await overlay.screen()).toEqual(['Marie Curie:', 'Il y a un instant.']);
    await openTranscript();
    await vi.waitFor(async () => expect(await rows().count()).toBe(31));
    expect(await rows().first().textContent()).toContain('Phrase 1.');
  });

  test('point 23: screen reader: one role=log, finals only, off by default, rate-limited; toggle and errors use status; lang per row', async () => {
    await overlay.switchOn({ controls: '' });
    await overlay.connected();
    const log = overlay.captions.locator('[role=log]');
    expect(await log.count()).toBe(0);
    await overlay.page.evaluate(() =>
      document.querySelector('surtitre-captions')?.setAttribute('announce', ''),
    );
    expect(await log.count()).toBe(1);
    const open = speak(1, MARIE);
    overlay.gateway.publish(open.opened, open.say('Bonjour'));
    overlay.gateway.publish(...turn(2, PAUL, 'Hello everybody.', 1, { language: 'en' }));
    await log.getByText('Paul Langevin: Hello everybody.').waitFor();
    expect(await log.locator('p').getAttribute('lang')).toBe('en');
    // More than can be read out: told in bundles, the newest of them.
    const additions = overlay.page.evaluate(() => {
      const log = document.querySelector('surtitre-captions')?.shadowRoot?.querySelector('[role=log]');
      return new Promise<string[]>((resolve) => {
        new MutationObserver(() =>
          resolve([...(log?.children ?? [])].map((child) => child.textContent ?? '')),
        ).observe(log as Node, { childList: true });
      });
    });
    for (let utterance = 3; utterance < 23; utterance += 1)
      overlay.gateway.publish(...turn(utterance, PAUL, `Phrase ${utterance}.`, utterance));
    expect(await additions).toEqual([
      'Paul Langevin: Hello everybody.',
      ...[17, 18, 19, 20, 21, 22].map((number) => `Paul Langevin: Phrase ${number}.`),
    ]);
    const languages = await overlay.captions
      .locator('[part=line]')
      .evaluateAll((lines) => lines.map((line) => (line as HTMLElement).lang));
    expect(new Set(languages)).toEqual(new Set(['fr']));
    expect(await overlay.captions.getByRole('status').first().getAttribute('part')).toBe('status');
    overlay.gateway.publish({ type: 'status', state: 'interrupted', sinceMs: 2 });
    await overlay.captions.getByText('Captions are interrupted. Resuming…').waitFor();
  });

  test('point 24 (the overlay’s part): purpose, retention and off-record control; no caption text in console', async () => {
    await overlay.switchOn({ controls: '', retention: '7200', 'off-record': 'off', lang: 'fr' });
    await overlay.connected();
    overlay.gateway.publish(...turn(1, MARIE, 'Ceci est confidentiel.', Date.now()));
    await overlay.seen('confidentiel'); // that nothing is written to the console is seen to after each test
    await overlay.captions.getByRole('button', { name: 'Réglages des sous-titres' }).click();
    const about = overlay.captions.getByText('À propos de ces sous-titres');
    await about.waitFor();
    expect(await about.locator('xpath=..').textContent()).toMatch(
      /transcrite pendant la réunion.*conservé 2 heures au plus/,
    );
    const wanted = overlay.page.evaluate(
      () =>
        new Promise<boolean>((resolve) => {
          document.addEventListener(
            'captions-off-record',
            (event) => resolve((event as CustomEvent).detail.wanted),
            {
              once: true,
            },
          );
        }),
    );
    await overlay.captions.getByLabel('Hors enregistrement').check();
    expect(await wanted).toBe(true);
  });

  test('point 25 (the overlay’s part): human captions are labelled, corrections marked', async () => {
    await overlay.switchOn({ controls: '', lang: 'fr' });
    await overlay.connected();
    overlay.gateway.publish(...turn(1, MARIE, 'Sous-titre automatique.', Date.now() - 2_000));
    overlay.gateway.publish(...turn(2, PAUL, 'Le budjet est voté.', Date.now(), { source: 'human' }));
    await overlay.seen('budjet');
    const marks = overlay.captions.locator('[part=name] .mark');
    expect(await marks.allTextContents()).toEqual(['Saisie humaine']);
    overlay.gateway.publish({
      type: 'restored',
      utterance: 2,
      speaker: PAUL,
      language: 'fr',
      source: 'human',
      startMs: Date.now(),
      endMs: Date.now() + 1_000,
      text: 'Le budget est voté.',
      wordTimes: [0, 250, 250, 500, 500, 750, 750, 1_000],
      revision: 1,
    });
    await overlay.seen('budget');
    const corrected = overlay.captions.locator('[part=line].corrected');
    expect(await corrected.textContent()).toBe('Le budget est voté.');
    expect(await corrected.getAttribute('title')).toBe('corrigé');
    await overlay.captions.getByRole('button', { name: 'Transcription' }).click();
    const row = overlay.captions.locator('li.entry').filter({ hasText: 'budget' });
    expect(await row.locator('.mark').allTextContents()).toEqual(['Saisie humaine', 'corrigé']);
  });

  test.each([
    { name: '320 px at 200 %', width: 320, height: 568, attributes: { size: '200' }, panel: 'settings' },
    { name: '200 % zoom', width: 640, height: 360, attributes: {}, panel: 'transcript' },
    { name: 'text spacing', width: 1280, height: 720, attributes: {}, panel: 'settings', spacing: true },
    {
      name: 'forced colours, no motion',
      width: 1280,
      height: 720,
      attributes: {},
      panel: 'transcript',
      forced: true,
    },
  ])(
    'points 23 and 25: axe finds nothing and nothing is cut off in French and English: $name',
    async (look) => {
      const { page } = overlay;
      await page.setViewportSize({ width: look.width, height: look.height });
      if (look.forced) await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
      if (look.spacing) await page.evaluate((css) => addReaderStyle(css), SPACING);
      overlay.gateway.keep(...talk(8, 1, Date.now() - 60_000));
      overlay.gateway.keep({ type: 'gap', identity: null, fromMs: 5, toMs: 5_000, reason: 'overload' });
      await overlay.switchOn({ controls: '', retention: '3600', 'off-record': 'on', ...look.attributes });
      await overlay.connected();
      overlay.gateway.publish(...turn(20, MARIE, SENTENCES[0] ?? '', Date.now(), { source: 'human' }));
      await overlay.seen('sous-titres.');
      for (const lang of ['fr', 'en']) {
        await page.evaluate(
          ({ lang, panel }) => {
            const captions = document.querySelector('surtitre-captions');
            captions?.setAttribute('lang', lang);
            if (lang === 'fr') captions?.togglePin(2);
            captions?.pinSpeaker('paul');
            captions?.openSettings(panel === 'settings');
            captions?.openTranscript(panel === 'transcript');
          },
          { lang, panel: look.panel },
        );
        await overlay.painted();
        expect(await overlay.cutOff()).toEqual([]);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wider).toBeLessThanOrEqual(0);
      }
      // Where colours are forced they are the person's own; axe reads those that the page would have had.
      expect(await overlay.violations(look.forced ? ['color-contrast'] : [])).toEqual([]);
    },
    60_000,
  );
});
