/**
 * The look of the overlay. Rows are placed by transforms alone, counted in lines and names below them, so that
 * nothing on the page is ever laid out anew when captions roll, and no layout shift is counted.
 */
import { type ColourPreset, SPEAKER_SHAPES } from './caption-colours.ts';
import type { CaptionPreferences } from './caption-preferences.ts';

/** Names and gap markers, relative to the captions. */
export const SMALL_TEXT = 0.75;
/** Padding and border of a row beside its text, in em, and room for the hyphen of a split word. */
export const ROW_MARGIN = 1.35;
/** Of the pinned speaker. */
export const PINNED_LINES = 2;

const CUES = SPEAKER_SHAPES.map((_, cue) => `[data-cue="${cue}"] { --cue: var(--cue-${cue}); }`).join('\n');

export const OVERLAY_STYLE = `
:host {
  display: block;
  position: absolute;
  inset-inline: 0;
  inset-block-end: var(--surtitre-inset, 1rem);
  z-index: 10;
  container-type: inline-size;
  pointer-events: none;
  color-scheme: dark;
}
:host(:not([active])) { display: none; }
:host(:state(docked)) { position: static; }
:host(:state(floating)) { position: fixed; inset: 0.5rem; z-index: var(--surtitre-layer, 1000); }

.frame {
  display: flow-root;
  --beside: 0rem;
  --aside: 0px;
  position: relative;
  box-sizing: border-box;
  inline-size: min(100% - 1rem, var(--line-length) * 0.62em + 1em + 2 * var(--beside));
  margin-inline: auto;
  padding-inline: 0 var(--beside);
  font-family: var(--font);
  font-size: calc(var(--surtitre-font-size, clamp(1rem, 0.75rem + 1.25cqi, 1.75rem)) * var(--size));
  font-weight: 500;
  text-align: start;
  translate: 0 var(--aside);
  --font: var(--surtitre-font-family, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
}
.frame[data-font="sans"] { --font: Arial, Helvetica, "Liberation Sans", sans-serif; }
.frame[data-font="legible"] { --font: "Atkinson Hyperlegible Next Variable", "Atkinson Hyperlegible", Verdana, "DejaVu Sans", sans-serif; }
.frame[data-font="serif"] { --font: Georgia, "Times New Roman", "DejaVu Serif", serif; }
.frame[data-font="mono"] { --font: Consolas, Menlo, "DejaVu Sans Mono", monospace; }
.frame[data-font="casual"] { --font: "Comic Sans MS", "Chalkboard SE", "Comic Neue", cursive; }
.frame.with-controls { --beside: 3rem; }
@container (min-width: 40rem) {
  .frame.with-controls { --beside: 5.75rem; padding-inline: var(--beside); }
}
:host(:state(floating)) .frame {
  position: absolute;
  inset-block-start: calc(var(--y) * 1%);
  left: calc(var(--x) * 1%);
  inline-size: calc(var(--width) * 1%);
  min-inline-size: min(100%, 14rem);
  margin: 0;
  translate: calc(var(--x) * -1%) calc(var(--y) * -1% + var(--aside));
}
.frame.moving { outline: 2px dashed #7fdbff; outline-offset: 2px; background: rgb(16 20 24 / 55%); pointer-events: auto; cursor: move; touch-action: none; }
.is-elsewhere > :is(.stage, .pins) { display: none; }
.elsewhere {
  inline-size: fit-content;
  margin: 0;
  padding: 0.4em 0.6em;
  border-radius: 0.4em;
  background: #101418;
  color: #f5f5f5;
  font-size: 1rem;
  pointer-events: auto;
}

.stage {
  --line: 1.5em;
  --small: ${SMALL_TEXT};
  --name: 1.2em;
  position: relative;
  block-size: calc(var(--lines) * (var(--line) + var(--name)));
  min-block-size: 2.75rem;
  /* A line that rolls in comes from below: clipped, or the page would grow a scroll bar for it. Above, a long status
     has its room over what lies behind. */
  --head: 6em;
  margin-block-start: calc(-1 * var(--head));
  padding-block-start: var(--head);
  /* Words are laid out here and nowhere else of the page; this clips, too. */
  contain: layout paint style;
  color: var(--text);
  text-shadow: var(--edge);
}
.pinned-stage {
  --head: 0rem;
  block-size: calc(var(--lines) * var(--line) + var(--name));
  --lines: ${PINNED_LINES};
  margin-block-end: 0.3em;
  border-block-end: 1px solid var(--text);
}
.pinned-stage > button { position: absolute; inset-block-start: 0; inset-inline-end: 0; z-index: 1; }
[hidden] { display: none !important; }

.pins { display: grid; gap: 0.25em; margin: 0 0 0.4em; padding: 0; list-style: none; }
.pins li {
  display: flex;
  align-items: start;
  gap: 0.4em;
  padding: 0.15em 0.2em 0.15em 0.4em;
  border-inline-start: 0.2em solid var(--cue, transparent);
  background: var(--background);
  color: var(--text);
  font-size: 0.85em;
  line-height: 1.4;
}
.pins p { flex: 1; max-block-size: 4.2em; margin: 0; overflow: hidden auto; overflow-wrap: anywhere; pointer-events: auto; }
.pins b { color: var(--cue); }
.pins .shape { margin-inline-end: 0.3em; }
@supports (width: round(1px, 1px)) {
  .stage { --line: round(1.5em, 1px); --name: round(1.2em, 1px); }
}

.frame { --edge: 0 0 0.12em var(--shadow), 0 0 0.12em var(--shadow); }
.frame[data-edge="none"] { --edge: none; }
.frame[data-edge="outline"] {
  --edge: 0.06em 0 var(--shadow), -0.06em 0 var(--shadow), 0 0.06em var(--shadow), 0 -0.06em var(--shadow),
    0.05em 0.05em var(--shadow), -0.05em 0.05em var(--shadow), 0.05em -0.05em var(--shadow), -0.05em -0.05em var(--shadow),
    0 0 0.1em var(--shadow);
}
.frame[data-edge="shadow"] { --edge: 0.08em 0.08em 0.08em var(--shadow), 0 0 0.2em var(--shadow); }
.frame[data-edge="raised"] { --edge: 0.03em 0.03em var(--shadow), 0.06em 0.06em var(--shadow), 0.08em 0.08em 0.05em var(--shadow); }
.frame[data-edge="depressed"] { --edge: -0.03em -0.03em var(--shadow), -0.06em -0.06em var(--shadow), -0.08em -0.08em 0.05em var(--shadow); }

.row, .status {
  --up: calc(-1 * (var(--lines-below, 0) * var(--line) + var(--names-below, 0) * var(--name)));
  position: absolute;
  inset-block-end: 0;
  inset-inline-start: 0;
  box-sizing: border-box;
  max-inline-size: 100%;
  margin: 0;
  padding-inline: 0.4em;
  background-color: var(--background);
  transform: translateY(var(--up));
}
.row {
  block-size: var(--line);
  line-height: var(--line);
  white-space: pre;
  /* Apart: of a shorthand with a variable every part is worked out anew for every row. */
  border-inline-start: 0.2em solid;
  border-inline-start-color: var(--cue, transparent);
  transition: transform 120ms ease-out;
}
.hurried > .row { transition: none; }
.row.rolls { animation: roll-in 120ms ease-out; }
@keyframes roll-in { from { transform: translateY(calc(var(--up) + var(--line))); } }

.name {
  display: flex;
  align-items: center;
  block-size: var(--name);
  max-inline-size: 100%;
  border-inline-start-width: 0.2em;
  color: var(--cue);
  font-weight: 700;
  line-height: var(--name);
}
.name > span { flex: none; font-size: calc(1em * var(--small)); }
.name > span:last-child { flex: 0 1 auto; overflow: hidden; text-overflow: ellipsis; }
.name .shape { margin-inline-end: 0.4em; }
.name .mark { margin-inline-end: 0.5em; padding-inline: 0.4em; border-radius: 0.3em; background: var(--cue); color: var(--shadow); text-shadow: none; font-size: 0.62em; }
.split::after { content: "\\2010"; }
.corrected { text-decoration: underline dotted; text-underline-offset: 0.2em; }
.gap { border-inline-start-style: dashed; border-inline-start-color: currentColor; font-style: italic; }
.gap > span { font-size: calc(1em * var(--small)); }

.status {
  inline-size: fit-content;
  padding-block: 0.3em;
  font-size: calc(1em * var(--small));
  --line: 2em;
  --name: 1.6em;
  line-height: 1.4;
  overflow-wrap: anywhere;
}
.status:empty { padding: 0; background: none; }

.log {
  position: absolute;
  inline-size: 1px;
  block-size: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
.log p { margin: 0; }
${CUES}

@media (prefers-reduced-motion: reduce) {
  .row { transition: none; }
  .row.rolls { animation: none; }
}
@media (forced-colors: active) {
  .row, .status:not(:empty), .pins li, .pins b {
    background: Canvas;
    color: CanvasText;
    border-inline-start-color: CanvasText;
    text-shadow: none;
  }
}
`;

/** The custom properties of a person's choices, in `colours`. */
export function lookProperties(
  preferences: CaptionPreferences,
  colours: ColourPreset,
): Record<string, string> {
  const { backgroundOpacity, textOpacity, lines, lineLength, size, x, y, width } = preferences;
  const properties: Record<string, string> = {
    '--lines': String(lines),
    '--line-length': String(lineLength),
    '--size': String(size / 100),
    '--text': seenThrough(colours.text, textOpacity),
    '--background': seenThrough(colours.background, backgroundOpacity),
    '--shadow': colours.background,
    '--x': String(x),
    '--y': String(y),
    '--width': String(width),
  };
  for (const [cue, colour] of colours.speakers.entries()) properties[`--cue-${cue}`] = colour;
  return properties;
}

function seenThrough(colour: string, opacity: number): string {
  return opacity === 100 ? colour : `color-mix(in srgb, ${colour} ${opacity}%, transparent)`;
}
