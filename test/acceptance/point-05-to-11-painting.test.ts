/** Points 5, 7, 8 and 11 of docs/accessibility.md: how words come on screen, in a real Chromium. */
import { describe, expect, test } from 'vitest';
import type { CaptionEvent, Speaker } from '../../protocol/caption-event.ts';
import { MARIE, noChromium, overlayForEachTest, PAUL, skipNote, speak } from '../support/overlay-fixture.ts';

const overlay = overlayForEachTest();
const PEOPLE: readonly Speaker[] = Array.from({ length: 150 }, (_, index) => ({
  identity: `p${index}`,
  name: `Participant ${index + 1}`,
  trackSid: `TR_${index}`,
}));
const WORDS =
  'le premier point porte sur les sous-titres en direct que chacun doit pouvoir lire sans effort'.split(' ');

describe.skipIf(noChromium !== null)(`in Chromium${skipNote}`, () => {
  test('point 5: received event → DOM in the next frame, with 150 participants, 5 speaking (times: bench/overlay-paint.ts)', async () => {
    await overlay.page.evaluate(() => {
      const frames: number[] = [];
      const note = () => {
        frames.push(performance.now());
        requestAnimationFrame(note);
      };
      requestAnimationFrame(note);
      Object.assign(window, { frames });
    });
    const before = PEOPLE.map((speaker, index) => speak(index + 1, speaker, index));
    overlay.gateway.keep(...before.flatMap((turn) => [turn.opened, turn.say('Bonjour.'), turn.closed()]));
    await overlay.switchOn();
    await overlay.connected();
    const speaking = PEOPLE.slice(0, 5).map((speaker, index) => speak(1_000 + index, speaker, Date.now()));
    overlay.gateway.publish(...speaking.map(({ opened }) => opened));
    for (let word = 0; word < 60; word += 1) {
      overlay.gateway.publish(...speaking.map(({ say }) => say(`${WORDS[word % WORDS.length]}${word}`)));
      if (word % 4 === 0) await overlay.painted();
    }
    await overlay.seen(`${WORDS[59 % WORDS.length]}59`);
    const { shown, late } = await overlay.page.evaluate(() => {
      const { frames } = window as unknown as { frames: number[] };
      const { words } = window.watch;
      // Of the frames that began after a word had come, the first must have shown it.
      const isLate = ({ receivedAt, shownAt }: { receivedAt: number; shownAt: number }) =>
        frames.filter((at) => at > receivedAt && at < shownAt).length > 1;
      return { shown: words.length, late: words.filter(isLate).length };
    });
    expect([shown, late]).toEqual([300, 0]);
  });

  test('points 7 and 8: no displayed final word ever changes; adding words causes no layout shift (CLS 0), no font shrink', async () => {
    await overlay.switchOn();
    await overlay.connected();
    const turns = [speak(1, MARIE, 0), speak(2, PAUL, 300)];
    overlay.gateway.publish(...turns.map(({ opened }) => opened));
    const sizes = new Set<string>();
    const sent: CaptionEvent[] = [];
    for (let word = 0; word < 40; word += 1) {
      const event = turns[word % 3 === 0 ? 1 : 0]?.say(WORDS[word % WORDS.length] ?? '');
      if (!event) continue;
      sent.push(event);
      overlay.gateway.publish(event);
      if (word % 7 === 0) overlay.gateway.repeat(...sent.slice(-5));
      if (word % 4 === 0) await overlay.painted();
      for (const size of await overlay.captions
        .locator('[part=line]')
        .evaluateAll((lines) => lines.map((line) => getComputedStyle(line).fontSize)))
        if (size !== '') sizes.add(size); // none: it has rolled off meanwhile
    }
    await overlay.painted();
    const { changed, shift } = await overlay.watched();
    expect([changed, shift]).toEqual([[], 0]);
    expect([...sizes]).toHaveLength(1);
  });

  test('point 11: name from transcribed track, shown at each turn with colour and non-colour cue; agent identity never appears', async () => {
    await overlay.switchOn({ lines: '6' });
    await overlay.connected();
    const turns = [MARIE, PAUL, MARIE].map((speaker, index) => speak(index + 1, speaker, index * 1_000));
    for (const { opened, say, closed } of turns) overlay.gateway.publish(opened, say('Bonjour.'), closed());
    await overlay.page.waitForFunction(() => window.watch.words.length === 3);
    await overlay.painted();
    const names = await overlay.captions
      .locator('[part=name]')
      .evaluateAll((rows) =>
        rows.map((row) => [
          row.firstElementChild?.textContent,
          row.lastElementChild?.textContent,
          getComputedStyle(row).color,
        ]),
      );
    expect(names.map(([shape, name]) => [shape, name])).toEqual([
      ['●', 'Marie Curie'],
      ['▲', 'Paul Langevin'],
      ['●', 'Marie Curie'],
    ]);
    expect(names[0]?.[2]).toBe(names[2]?.[2]);
    expect(names[0]?.[2]).not.toBe(names[1]?.[2]);
  });
});
