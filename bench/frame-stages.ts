/** Where the time goes of a frame that paints words, from Chromium's own trace of the page. */
import { percentile } from './percentile.ts';

/** Of which {@link frameStages} is made: as Playwright's `startTracing` takes them. */
export const TRACE_CATEGORIES = ['blink', 'cc', 'devtools.timeline'];

const FRAME = 'ProxyMain::BeginMainFrame';
const CALLBACK = 'FireAnimationFrame';
const STAGES = {
  script: 'Blink.Animate.UpdateTime',
  style: 'Blink.Style.UpdateTime',
  // With the style of what lies in a container whose size it waits for.
  layout: 'Blink.Layout.UpdateTime',
  prePaint: 'Blink.PrePaint.UpdateTime',
  paint: 'Blink.Paint.UpdateTime',
  layers: 'Blink.CompositingCommit.UpdateTime',
  commit: 'ProxyMain::BeginMainFrame::commit',
} as const;

type Stage = keyof typeof STAGES;

/** Of the trace event format; times in µs. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
}

/** Medians, in ms. */
export interface FrameStages extends Readonly<Record<Stage, number>> {
  /** Of how many frames: those in which an animation-frame callback ran. */
  readonly frames: number;
  readonly whole: number;
}

/** @throws {Error} when no frame of the trace ran a callback. */
export function frameStages(trace: Buffer): FrameStages {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const named = (name: string) => traceEvents.filter((event) => event.name === name && event.ph === 'X');
  const callbacks = named(CALLBACK);
  const frames = named(FRAME).filter((frame) => callbacks.some((callback) => isIn(callback, frame)));
  if (frames.length === 0) throw new Error('the trace shows no frame in which words were painted');
  const medianOf = (stage: Stage) => {
    const spans = named(STAGES[stage]);
    return median(frames.map((frame) => spans.filter((span) => isIn(span, frame)).reduce(addDuration, 0)));
  };
  return {
    frames: frames.length,
    whole: median(frames.map((frame) => addDuration(0, frame))),
    script: medianOf('script'),
    style: medianOf('style'),
    layout: medianOf('layout'),
    prePaint: medianOf('prePaint'),
    paint: medianOf('paint'),
    layers: medianOf('layers'),
    commit: medianOf('commit'),
  };
}

function addDuration(us: number, { dur = 0 }: TraceEvent): number {
  return us + dur;
}

/** In ms, to a hundredth. */
function median(us: readonly number[]): number {
  return Math.round(percentile(us, 0.5) / 10) / 100;
}

function isIn(part: TraceEvent, whole: TraceEvent): boolean {
  return (
    part.pid === whole.pid &&
    part.tid === whole.tid &&
    part.ts >= whole.ts &&
    part.ts + (part.dur ?? 0) <= whole.ts + (whole.dur ?? 0)
  );
}
