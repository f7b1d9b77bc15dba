/** The figures on the page. Built once for a language; each reading only writes what changed. */
import type { InterfaceLanguage } from '../overlay/interface-language.ts';
import { LatencyChart } from './latency-chart.ts';
import { LOSS_NAMES, type Messages } from './messages.ts';
import { element, Figure, FigureTable, section } from './page-parts.ts';
import { STAGE_LOOKS, STAGE_NAMES } from './stage-look.ts';
import type { StatusHistory } from './status-history.ts';

/** What half and what 95 % of all words are promised, in ms. */
const PROMISES_MS = [350, 600];
const TOTAL = 'glass_to_glass';

export class StatusView {
  readonly element = element('div', { className: 'figures' });
  readonly #messages: Messages;
  readonly #language: InterfaceLanguage;
  readonly #node = element('p', { className: 'node' });
  readonly #notice = element('p', { className: 'notice' });
  readonly #half: Figure;
  readonly #nearlyAll: Figure;
  readonly #load: Readonly<
    Record<'rooms' | 'viewers' | 'agents' | 'microphones' | 'slots' | 'buffered', Figure>
  >;
  readonly #slots = element('meter');
  readonly #stages: FigureTable;
  readonly #losses: FigureTable;
  readonly #totalPlace = element('div', { className: 'chart' });
  readonly #stagesPlace = element('div', { className: 'chart' });
  #charts: { readonly total: LatencyChart; readonly stages: LatencyChart } | null = null;

  constructor(messages: Messages, language: InterfaceLanguage) {
    this.#messages = messages;
    this.#language = language;
    const { latency, stages, load, losses } = messages;
    this.#half = new Figure(latency.half, 'large');
    this.#nearlyAll = new Figure(latency.nearlyAll, 'large');
    this.#load = {
      rooms: new Figure(load.rooms),
      viewers: new Figure(load.viewers),
      agents: new Figure(load.agents),
      microphones: new Figure(load.microphones),
      slots: new Figure(load.slots),
      buffered: new Figure(load.buffered),
    };
    this.#slots.setAttribute('aria-label', load.slots);
    this.#load.slots.element.append(element('dd', {}, this.#slots));
    this.#stages = new FigureTable(
      stages.heading,
      [stages.stage, '50 %', '95 %'],
      STAGE_NAMES.map((key) => ({ key, header: stageHeader(key, messages) })),
    );
    this.#losses = new FigureTable(
      losses.heading,
      [losses.what, losses.lastMinute, losses.sinceStart],
      LOSS_NAMES.map((key) => ({ key, header: losses.names[key] })),
    );
    this.#notice.setAttribute('role', 'status');
    this.#notice.textContent = messages.waiting;
    this.element.append(
      this.#node,
      this.#notice,
      section(
        latency.heading,
        latency.explanation,
        element('dl', {}, this.#half.element, this.#nearlyAll.element),
        this.#totalPlace,
      ),
      section(
        load.heading,
        '',
        element('dl', {}, ...Object.values(this.#load).map((figure) => figure.element)),
      ),
      section(stages.heading, stages.explanation, this.#stages.element, this.#stagesPlace),
      section(losses.heading, losses.explanation, this.#losses.element),
    );
  }

  show(history: StatusHistory): void {
    const { newest } = history;
    if (!newest) return;
    this.#charts ??= this.#createCharts();
    const { now, totals } = newest;
    const started = new Date(newest.startedAtMs).toLocaleString(this.#language);
    this.#node.textContent = this.#messages.node(newest.node, started);
    this.notice(now.draining ? this.#messages.draining : '');
    for (const key of ['rooms', 'viewers', 'agents', 'microphones'] as const)
      this.#load[key].show(this.#number(now[key]));
    this.#load.slots.show(this.#messages.load.slotsTaken(now.slotsUsed, now.slots));
    this.#slots.max = Math.max(1, now.slots);
    this.#slots.high = 0.85 * now.slots;
    this.#slots.value = now.slotsUsed;
    this.#load.buffered.show(this.#number(now.bufferedBytes));
    const minute = history.lastMinute();
    for (const key of LOSS_NAMES) {
      const isNews = minute[key] > 0 && key !== 'refusals' && key !== 'slowViewers';
      this.#losses.show(key, [this.#number(minute[key]), this.#number(totals[key])], isNews ? 'bad' : '');
    }
    this.#showLatencies(history);
  }

  notice(text: string): void {
    if (this.#notice.textContent !== text) this.#notice.textContent = text;
  }

  close(): void {
    this.#charts?.total.close();
    this.#charts?.stages.close();
  }

  #showLatencies({ points }: StatusHistory): void {
    const latest = points.at(-1)?.latencies;
    const total = latest?.get(TOTAL);
    this.#half.show(this.#ms(total?.p50S));
    this.#nearlyAll.show(this.#ms(total?.p95S));
    for (const name of STAGE_NAMES) {
      const stage = latest?.get(name);
      this.#stages.show(name, [this.#ms(stage?.p50S), this.#ms(stage?.p95S)]);
    }
    const timesS = points.map(({ atMs }) => atMs / 1000);
    const line = (name: string, key: 'p50S' | 'p95S') =>
      points.map(({ latencies }) => {
        const value = latencies.get(name)?.[key];
        return value === undefined ? null : value * 1000;
      });
    const label = this.#messages.latency.chart(this.#ms(total?.p50S), this.#ms(total?.p95S));
    this.#charts?.total.show(timesS, [line(TOTAL, 'p50S'), line(TOTAL, 'p95S')], label);
    const stageLines = STAGE_NAMES.map((name) => line(name, 'p95S'));
    this.#charts?.stages.show(timesS, stageLines, this.#messages.stages.explanation);
  }

  /** Once the page shows their places, which have a width only then. */
  #createCharts() {
    const locale = this.#language;
    const { latency, stages } = this.#messages;
    return {
      total: new LatencyChart({
        place: this.#totalPlace,
        locale,
        marks: PROMISES_MS,
        lines: [
          { name: latency.half, colour: '#2f9e5f', dash: [] },
          { name: latency.nearlyAll, colour: '#3f7fd6', dash: [8, 4] },
        ],
      }),
      stages: new LatencyChart({
        place: this.#stagesPlace,
        locale,
        lines: STAGE_NAMES.map((key) => ({
          name: stages.names[key] ?? key,
          colour: STAGE_LOOKS[key]?.colour ?? 'gray',
          dash: STAGE_LOOKS[key]?.dash ?? [],
        })),
      }),
    };
  }

  #ms(seconds: number | undefined): string {
    if (seconds === undefined) return this.#messages.latency.none;
    const ms = seconds * 1000;
    // Below ten, tenths tell something.
    return `${this.#number(ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms))}\u00a0ms`;
  }

  #number(value: number): string {
    return value.toLocaleString(this.#language, { maximumFractionDigits: 1 });
  }
}

function stageHeader(key: string, { stages }: Messages): HTMLElement {
  const look = STAGE_LOOKS[key];
  const swatch = element('canvas', { className: 'swatch' });
  swatch.setAttribute('aria-hidden', 'true');
  swatch.width = 56;
  swatch.height = 8;
  const context = swatch.getContext('2d');
  if (look && context) {
    context.strokeStyle = look.colour;
    context.lineWidth = 4;
    context.setLineDash([...look.dash]);
    context.beginPath();
    context.moveTo(0, 4);
    context.lineTo(56, 4);
    context.stroke();
  }
  return element('span', { className: 'stage' }, swatch, stages.names[key] ?? key);
}
