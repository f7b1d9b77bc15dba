/**
 * A page that uses `<surtitre-captions>` as any outsider would: the built script, a strict content security policy,
 * and nothing else of ours. It watches what is painted, see {@link PaintWatch}.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** On `window` of the page. Everything is read from the elements on screen, not from the overlay's own state. */
export interface PaintWatch {
  /** A line whose text became another one: must stay empty. */
  readonly changed: string[];
  /** Every line that was ever painted, with its last text, in the order of appearance. */
  readonly lines: { readonly speaker: string; text: string }[];
  readonly words: { readonly text: string; readonly receivedAt: number; readonly shownAt: number }[];
  readonly statuses: string[];
  readonly gaps: unknown[];
  /** Layout shifts of the whole page, summed. */
  shift: number;
}

export interface OverlayPage {
  readonly url: string;
  close(): Promise<void>;
}

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src *; img-src data:; base-uri 'none'";

const STYLE = `
  html, body { margin: 0; background: #fff; font: 16px sans-serif; }
  main { position: relative; block-size: 100vh; }
  h1 { margin: 0; }
  button { position: absolute; inset-block-end: 2rem; inset-inline-start: 40%; inline-size: 12rem; block-size: 4rem; }
`;

const WATCH = `
  window.addReaderStyle = (css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets.push(sheet);
  };
  const watch = (window.watch = { changed: [], lines: [], words: [], statuses: [], gaps: [], shift: 0, clicks: 0 });
  const captions = document.querySelector('surtitre-captions');
  const known = new Map();
  const look = () => {
    let speaker = '';
    for (const row of captions.shadowRoot.querySelectorAll('[part=name], [part=line]')) {
      if (row.getAttribute('part') === 'name') { speaker = row.lastElementChild.textContent; continue; }
      const text = row.textContent;
      const line = known.get(row);
      if (!line) { const first = { speaker, text }; known.set(row, first); watch.lines.push(first); continue; }
      if (!text.startsWith(line.text)) watch.changed.push(line.text + ' => ' + text);
      line.text = text;
    }
  };
  new MutationObserver(look).observe(captions.shadowRoot, { subtree: true, childList: true, characterData: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) watch.shift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
  captions.addEventListener('captions-word', (event) => watch.words.push(event.detail));
  captions.addEventListener('captions-status', (event) => watch.statuses.push(event.detail.kind));
  captions.addEventListener('captions-gap', (event) => watch.gaps.push(event.detail));
  document.querySelector('button').addEventListener('click', () => { watch.clicks += 1; });
`;

/** As a page that is faster than the script. */
const LATE = `
  const captions = document.querySelector('surtitre-captions');
  captions.token = 'early';
  captions.preferences = { lines: 5 };
`;
const LATE_PAGE = `<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>A page that is early</title><link rel="icon" href="data:,"></head>
<body><surtitre-captions></surtitre-captions><script src="/late.js"></script>
<script src="/surtitre-captions.js"></script></body></html>`;

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>A page with captions</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/page.css"><script src="/surtitre-captions.js"></script></head>
<body><main><h1>A page with captions</h1><button type="button">Behind the captions</button>
<surtitre-captions></surtitre-captions></main><script src="/watch.js"></script></body></html>`;

/** `scriptFolder` holds the built `surtitre-captions.js`. */
export async function serveOverlayPage(scriptFolder: string): Promise<OverlayPage> {
  const script = await readFile(join(scriptFolder, 'surtitre-captions.js'));
  const files = new Map<string, [type: string, body: string | Buffer]>([
    ['/', ['text/html; charset=utf-8', PAGE]],
    ['/late', ['text/html; charset=utf-8', LATE_PAGE]],
    ['/late.js', ['text/javascript', LATE]],
    ['/page.css', ['text/css', STYLE]],
    ['/watch.js', ['text/javascript', WATCH]],
    ['/surtitre-captions.js', ['text/javascript; charset=utf-8', script]],
  ]);
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    if (!file) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': file[0], 'content-security-policy': POLICY }).end(file[1]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
