/** The pictures on the element's own buttons: strokes in a square of 24. A button with one has a name in words. */
const PATHS = {
  settings:
    'M12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7Zm8.6 5.2.1-1.7-.1-1.7 2-1.5-2-3.5-2.4 1a8 8 0 0 0-2.9-1.7L15 2H9l-.3 2.6a8 8 0 0 0-2.9 1.7l-2.4-1-2 3.5 2 1.5-.1 1.7.1 1.7-2 1.5 2 3.5 2.4-1a8 8 0 0 0 2.9 1.7L9 22h6l.3-2.6a8 8 0 0 0 2.9-1.7l2.4 1 2-3.5Z',
  transcript: 'M4 6h16M4 12h16M4 18h10',
  move: 'M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3',
  popOut: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
  pin: 'M9 3h6l-1 7 3 3v2H7v-2l3-3-1-7ZM12 15v6',
  close: 'M6 6l12 12M18 6 6 18',
  left: 'M19 12H5M11 6l-6 6 6 6',
  right: 'M5 12h14M13 6l6 6-6 6',
  up: 'M12 19V5M6 11l6-6 6 6',
  down: 'M12 5v14M6 13l6 6 6-6',
  narrower: 'M3 12h6M6 9l3 3-3 3M21 12h-6M18 9l-3 3 3 3',
  wider: 'M9 12H3M6 9l-3 3 3 3M15 12h6M18 9l3 3-3 3',
} as const;
export type IconName = keyof typeof PATHS;

const SVG = 'http://www.w3.org/2000/svg';

export function icon(name: IconName): SVGElement {
  const picture = document.createElementNS(SVG, 'svg');
  picture.setAttribute('viewBox', '0 0 24 24');
  picture.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  picture.append(path);
  return picture;
}
