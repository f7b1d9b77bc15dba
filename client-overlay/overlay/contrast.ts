/** How well one colour can be read on another, as WCAG counts it. Colours are `#rrggbb`. */

/** WCAG contrast ratio, 1–21. */
export function contrastRatio(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** `over` seen with `opacity` (0–1) on top of `under`. */
export function blend(over: string, under: string, opacity: number): string {
  const below = channels(under);
  return `#${channels(over)
    .map((value, index) => Math.round(value * opacity + (below[index] ?? 0) * (1 - opacity)))
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('')}`;
}

/** WCAG relative luminance, 0–1. */
export function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channels(colour).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
