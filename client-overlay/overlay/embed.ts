/** What the one-file build holds: loading `surtitre-captions.js` in a page registers the element. */
export { SurtitreCaptions } from './surtitre-captions.ts';
