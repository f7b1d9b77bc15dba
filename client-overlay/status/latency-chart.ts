/** A chart of latencies over the last ten minutes, in milliseconds, as wide as its place. */
import uPlot from 'uplot';

export interface ChartLine {
  readonly name: string;
  readonly colour: string;
  readonly dash: readonly number[];
}

export interface LatencyChartOptions {
  readonly place: HTMLElement;
  readonly lines: readonly ChartLine[];
  /** Drawn across, e.g. an objective; in ms. */
  readonly marks?: readonly number[];
  readonly locale: string;
}

const HEIGHT = 240;
const SHOWN_S = 600;
/** Even a quiet system is shown on a scale on which a frame of video can be told from nothing. */
const LEAST_SCALE_MS = 50;

export class LatencyChart {
  readonly #place: HTMLElement;
  readonly #plot: uPlot;
  readonly #observer: ResizeObserver;

  constructor({ place, lines, marks = [], locale }: LatencyChartOptions) {
    this.#place = place;
    // Read with each drawing: the person may switch between light and dark meanwhile.
    const stroke = () => getComputedStyle(place).color;
    const font = `12px ${getComputedStyle(place).fontFamily}`;
    const grid = { stroke: 'rgb(128 128 128 / 25%)', width: 1 };
    const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
    this.#plot = new uPlot(
      {
        width: place.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { range: (_plot, _min, max) => [(max ?? SHOWN_S) - SHOWN_S, max ?? SHOWN_S] },
          y: { range: (_plot, _min, max) => [0, Math.max(LEAST_SCALE_MS, (max ?? 0) * 1.1, ...marks)] },
        },
        axes: [
          { stroke, font, grid, values: (_plot, splits) => splits.map((s) => clock.format(s * 1000)) },
          { stroke, font, grid, size: 70, values: (_plot, splits) => splits.map((ms) => `${ms} ms`) },
        ],
        series: [
          {},
          ...lines.map(({ name, colour, dash }) => ({
            label: name,
            stroke: colour,
            width: 2,
            dash: [...dash],
            points: { show: false },
          })),
        ],
        hooks: { draw: [(plot) => drawMarks(plot, marks)] },
      },
      [[], ...lines.map(() => [])],
      place,
    );
    this.#observer = new ResizeObserver(() => {
      this.#plot.setSize({ width: place.clientWidth, height: HEIGHT });
    });
    this.#observer.observe(place);
  }

  /** `timesS`: of the readings; each line has a value in ms for each, null where there is none. */
  show(timesS: readonly number[], values: readonly (readonly (number | null)[])[], label: string): void {
    this.#place.setAttribute('role', 'img');
    this.#place.setAttribute('aria-label', label);
    this.#plot.setData([[...timesS], ...values.map((line) => [...line])]);
  }

  close(): void {
    this.#observer.disconnect();
    this.#plot.destroy();
  }
}

function drawMarks(plot: uPlot, marks: readonly number[]): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = 'rgb(128 128 128 / 80%)';
  ctx.setLineDash([2, 6]);
  for (const mark of marks) {
    const y = plot.valToPos(mark, 'y', true);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}
