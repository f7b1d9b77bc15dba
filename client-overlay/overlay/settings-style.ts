/** The look of the settings button and panel. In rem: their size does not follow that of the captions. */
export const SETTINGS_STYLE = `
.controls {
  position: absolute;
  inset-block-end: 0;
  inset-inline-end: 0;
  font: 500 0.9375rem/1.4 var(--surtitre-font-family, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
  color: #f5f5f5;
  pointer-events: auto;
}
.controls button {
  min-block-size: 2.25rem;
  padding: 0.25rem 0.75rem;
  border: 1px solid #8a949e;
  border-radius: 0.375rem;
  background: #1c2329;
  color: inherit;
  font: inherit;
  cursor: pointer;
}
.controls button:hover { background: #2d3740; }
.controls :focus-visible { outline: 3px solid #7fdbff; outline-offset: 2px; }
.controls [part="settings-button"] { display: grid; place-items: center; inline-size: 2.5rem; block-size: 2.5rem; padding: 0; }
.controls svg { inline-size: 1.375rem; block-size: 1.375rem; fill: none; stroke: currentColor; stroke-width: 1.75; }

.panel {
  position: absolute;
  inset-block-end: calc(100% + 0.5rem);
  inset-inline-end: 0;
  box-sizing: border-box;
  inline-size: min(22rem, 100cqi - 1rem);
  max-block-size: min(32rem, 70vh);
  overflow-y: auto;
  padding: 1rem;
  border: 1px solid #4b5661;
  border-radius: 0.625rem;
  background: #14191e;
  box-shadow: 0 0.5rem 2rem rgb(0 0 0 / 45%);
}
.panel[hidden] { display: none; }
.panel .sample {
  display: table;
  max-inline-size: 100%;
  margin: 0 0 0.75rem;
  padding: 0.1em 0.4em;
  /* Over something light and something dark, as over a picture. */
  background: linear-gradient(var(--background) 0 0), linear-gradient(100deg, #fff 30%, #567 70%);
  color: var(--text);
  font-size: calc(1rem * var(--size));
  overflow-wrap: anywhere;
}
.panel label { display: grid; grid-template-columns: 1fr auto; gap: 0.125rem 0.5rem; margin-block-end: 0.75rem; }
.panel label > span:first-child { grid-column: 1; }
.panel input { accent-color: #7fdbff; margin: 0; }
.panel input[type="range"] { grid-row: 2; grid-column: 1 / -1; inline-size: 100%; block-size: 1.5rem; }
.panel output { grid-row: 1; grid-column: 2; font-variant-numeric: tabular-nums; }
.panel fieldset { margin: 0 0 0.5rem; padding: 0; border: 0; }
.panel legend { padding: 0; }
.panel fieldset label, .panel .choice {
  grid-template-columns: 1.5rem 1fr;
  align-items: center;
  min-block-size: 1.75rem;
  margin: 0;
}
.panel fieldset label > span, .panel .choice > span { grid-column: 2; }
.panel [type="radio"], .panel [type="checkbox"] { inline-size: 1.125rem; block-size: 1.125rem; }
.panel .buttons { display: flex; justify-content: space-between; margin-block-start: 0.75rem; }

@media (pointer: coarse) {
  .controls [part="settings-button"] { inline-size: 2.75rem; block-size: 2.75rem; }
}
@media (forced-colors: active) {
  .controls :focus-visible { outline-color: Highlight; }
}
`;
