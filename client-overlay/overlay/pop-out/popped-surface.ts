/** The captions in a window of their own: a frame and a stage in that window's document. */
import type { SpeakerCues } from '../caption-colours.ts';
import { CaptionFrame, type CaptionFrameOptions } from '../caption-frame.ts';
import { CaptionStage } from '../caption-stage.ts';

const PAGE_STYLE = `
html { block-size: 100%; background: #101418; color-scheme: dark; }
body { block-size: 100%; margin: 0; }
`;

export interface PoppedSurface {
  readonly frame: CaptionFrame;
  readonly stage: CaptionStage;
}

export interface PoppedSurfaceOptions extends CaptionFrameOptions {
  readonly cues: SpeakerCues;
  /** Whose font the window takes over. */
  readonly host: HTMLElement;
  readonly onResize: () => void;
}

export function openSurface(popped: Window, options: PoppedSurfaceOptions): PoppedSurface {
  const { document } = popped;
  const { host, cues, onResize } = options;
  document.documentElement.lang = host.lang || window.document.documentElement.lang;
  const sheet = new (popped as Window & typeof globalThis).CSSStyleSheet();
  sheet.replaceSync(PAGE_STYLE);
  document.adoptedStyleSheets = [sheet];
  // Of the same name, so that the same style sheet fits; not defined in that document, so that it does nothing.
  const shell = document.createElement('surtitre-captions');
  shell.setAttribute('active', '');
  const family = getComputedStyle(host).getPropertyValue('--surtitre-font-family');
  if (family !== '') shell.style.setProperty('--surtitre-font-family', family);
  shell.style.setProperty('--surtitre-inset', '0.25rem');
  document.body.append(shell);
  const frame = new CaptionFrame(shell.attachShadow({ mode: 'open' }), options);
  const stage = new CaptionStage(frame, cues, onResize);
  stage.observe();
  return { frame, stage };
}
