/** A bar chart as SVG text: horizontal bars, one scale, a number behind each; readable on light and dark pages. */

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Ends of the whisker, if known. */
  readonly least?: number;
  readonly greatest?: number;
  readonly isOurs: boolean;
}

export interface BarChart {
  readonly title: string;
  /** Of the values; lower is better throughout. */
  readonly unit: string;
  readonly source: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 720;
const ROW = 30;
const LABEL = 210;
const NUMBER = 110;
const TOP = 52;

export function barChart({ title, unit, source, bars }: BarChart): string {
  const most = Math.max(...bars.map(({ value, greatest }) => greatest ?? value));
  const scale = (value: number) => ((WIDTH - LABEL - NUMBER) * value) / most;
  const rows = bars.map(({ label, value, least, greatest, isOurs }, index) => {
    const y = TOP + index * ROW;
    const middle = y + ROW / 2 - 4;
    const whisker =
      least === undefined || greatest === undefined
        ? ''
        : `<path class="whisker" d="M${LABEL + scale(least)} ${middle}H${LABEL + scale(greatest)}"/>`;
    const end = LABEL + scale(Math.max(value, greatest ?? 0)) + 8;
    return (
      `<text x="${LABEL - 10}" y="${middle + 5}" text-anchor="end"${isOurs ? ' font-weight="700"' : ''}>${label}</text>` +
      `<rect class="${isOurs ? 'ours' : 'other'}" x="${LABEL}" y="${y}" width="${scale(value).toFixed(1)}" height="${ROW - 8}" rx="3"/>` +
      `${whisker}<text x="${end.toFixed(1)}" y="${middle + 5}">${value} ${unit}</text>`
    );
  });
  const height = TOP + bars.length * ROW + 28;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">
<style>
svg{font:14px system-ui,sans-serif;background:#fff}text{fill:#1f2328}.ours{fill:#0b57d0}.other{fill:#9aa4b2}
.whisker{stroke:#1f2328;stroke-width:1.5}.small{font-size:11px;fill:#59636e}
@media(prefers-color-scheme:dark){svg{background:#0d1117}text{fill:#e6edf3}.ours{fill:#6ea8fe}.other{fill:#57606a}.whisker{stroke:#e6edf3}.small{fill:#9198a1}}
</style>
<text x="12" y="26" font-size="16" font-weight="700">${title}</text>
${rows.join('\n')}
<text class="small" x="12" y="${height - 10}">${source}</text>
</svg>
`;
}
