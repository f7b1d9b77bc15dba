/**
 * The look of the overlay. Rows are placed by transforms alone, counted in lines and names below them, so that
 * nothing on the page is ever laid out anew when captions roll, and no layout shift is counted.
 */
import { type ColourPreset, SPEAKER_SHAPES } from './caption-colours.ts';

/** Names and gap markers, relative to the captions. */
export const SMALL_TEXT = 0.75;
/** Padding and border of a row beside its text, in em, and room for the hyphen of a split word. */
export const ROW_MARGIN = 1.35;

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

.frame {
  --beside: 0rem;
  position: relative;
  box-sizing: border-box;
  inline-size: min(100% - 1rem, 27em + var(--beside));
  margin-inline: auto;
  padding-inline-end: var(--beside);
  font-family: var(--surtitre-font-family, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  font-size: calc(var(--surtitre-font-size, clamp(1rem, 0.75rem + 1.25cqi, 1.75rem)) * var(--size));
  font-weight: 500;
  text-align: start;
}
.frame.with-controls { --beside: 3rem; }

.stage {
  --line: 1.5em;
  --small: ${SMALL_TEXT};
  --name: 1.2em;
  position: relative;
  block-size: calc(var(--lines) * (var(--line) + var(--name)));
  min-block-size: 2.75rem;
  clip-path: inset(-100vh -1rem 0 -1rem);
  color: var(--text);
}
@supports (width: round(1px, 1px)) {
  .stage { --line: round(1.5em, 1px); --name: round(1.2em, 1px); }
}

.row, .status {
  --y: calc(-1 * (var(--lines-below, 0) * var(--line) + var(--names-below, 0) * var(--name)));
  position: absolute;
  inset-block-end: 0;
  inset-inline-start: 0;
  box-sizing: border-box;
  max-inline-size: 100%;
  margin: 0;
  padding-inline: 0.4em;
  background: var(--background);
  text-shadow: 0 0 0.12em var(--shadow), 0 0 0.12em var(--shadow);
  transform: translateY(var(--y));
}
.row {
  block-size: var(--line);
  line-height: var(--line);
  white-space: pre;
  border-inline-start: 0.2em solid var(--cue, transparent);
  transition: transform 120ms ease-out;
}
.row.rolls { animation: roll-in 120ms ease-out; }
@keyframes roll-in { from { transform: translateY(calc(var(--y) + var(--line))); } }

.name {
  block-size: var(--name);
  max-inline-size: 100%;
  border-inline-start-width: 0.2em;
  color: var(--cue);
  font-weight: 700;
  line-height: var(--name);
}
.name > span {
  display: inline-block;
  max-inline-size: 100%;
  overflow: hidden;
  text-overflow: ellipsis;
  vertical-align: bottom;
  font-size: calc(1em * var(--small));
}
.name .shape { margin-inline-end: 0.4em; overflow: visible; }
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
  .row, .status:not(:empty) {
    background: Canvas;
    color: CanvasText;
    border-inline-start-color: CanvasText;
    text-shadow: none;
  }
}
`;

/** The custom properties of a preset with its background at `opacity` (0–100 %). */
export function colourProperties(preset: ColourPreset, opacity: number): Record<string, string> {
  const properties: Record<string, string> = {
    '--text': preset.text,
    '--background': `color-mix(in srgb, ${preset.background} ${opacity}%, transparent)`,
    '--shadow': preset.background,
  };
  for (const [cue, colour] of preset.speakers.entries()) properties[`--cue-${cue}`] = colour;
  return properties;
}
