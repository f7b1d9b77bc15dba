/**
 * One trace for some utterances: how long each of their frames spent in each stage. For an operator who asks why
 * captions were late at that moment; off unless an OTLP endpoint is configured. Spans hold times, lengths and the
 * language: never a word, a name or a room. An utterance that is not sampled costs one look into a map.
 */
import { type Context, context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { CaptionEvent, StageTimes, UtteranceOpened } from '../../protocol/caption-event.ts';
import type { Exemplar } from '../stage-histogram.ts';

/** Of utterances that are being traced; beyond it the oldest is ended early. */
const MAX_OPEN = 1_000;

export interface UtteranceTracesOptions {
  /** Base address of an OTLP collector over HTTP, e.g. http://collector:4318. */
  readonly endpoint: string;
  /** Share of utterances that are traced, 0 to 1. */
  readonly ratio: number;
  readonly random?: () => number;
}

interface Traced {
  readonly span: Span;
  readonly context: Context;
  readonly exemplar: Exemplar;
  characters: number;
}

export class UtteranceTraces {
  readonly #provider: BasicTracerProvider;
  readonly #ratio: number;
  readonly #random: () => number;
  readonly #open = new Map<string, Traced>();

  constructor({ endpoint, ratio, random = Math.random }: UtteranceTracesOptions) {
    const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` });
    this.#provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'surtitre-gateway' }),
      spanProcessors: [new BatchSpanProcessor(exporter)],
    });
    this.#ratio = ratio;
    this.#random = random;
  }

  /** What agents told of a room in one step. Returns a trace that shows this frame, if one does. */
  handleFrame(room: string, events: readonly CaptionEvent[], times: StageTimes | null): Exemplar | undefined {
    let exemplar: Exemplar | undefined;
    for (const event of events) {
      if (event.type === 'opened') {
        if (this.#random() < this.#ratio) this.#begin(room, event);
        continue;
      }
      if (event.type !== 'appended' && event.type !== 'closed') continue;
      const key = keyOf(room, event.utterance);
      const traced = this.#open.get(key);
      if (!traced) continue;
      exemplar ??= traced.exemplar;
      if (event.type === 'closed') this.#end(key, traced, event.endMs);
      else {
        traced.characters += event.text.length;
        if (times) this.#addStages(traced, times);
      }
    }
    return exemplar;
  }

  /** Sends what is left. */
  async close(): Promise<void> {
    for (const [key, traced] of this.#open) this.#end(key, traced, Date.now());
    await this.#provider.shutdown();
  }

  #begin(room: string, { utterance, startMs, language, source }: UtteranceOpened): void {
    const [oldest] = this.#open;
    if (this.#open.size >= MAX_OPEN && oldest) this.#end(...oldest, Date.now());
    const span = this.#tracer.startSpan('utterance', {
      kind: SpanKind.CONSUMER,
      root: true,
      startTime: startMs,
      attributes: { 'caption.language': language, 'caption.source': source },
    });
    this.#open.set(keyOf(room, utterance), {
      span,
      context: trace.setSpan(context.active(), span),
      exemplar: { trace_id: span.spanContext().traceId },
      characters: 0,
    });
  }

  #addStages(traced: Traced, times: StageTimes): void {
    const { audioMs, readUs, gatheredUs, steppedUs, sentUs, receivedUs, publishedUs } = times;
    const moments = [0, readUs, gatheredUs, steppedUs, sentUs, receivedUs, publishedUs];
    for (const [index, stage] of STAGES.entries()) {
      const fromUs = moments[index] ?? 0;
      const toUs = moments[index + 1] ?? 0;
      if (toUs === 0 || toUs < fromUs) continue;
      this.#tracer
        .startSpan(stage, { startTime: audioMs + fromUs / 1000 }, traced.context)
        .end(audioMs + toUs / 1000);
    }
  }

  #end(key: string, { span, characters }: Traced, endMs: number): void {
    this.#open.delete(key);
    span.setAttribute('caption.characters', characters);
    span.end(endMs);
  }

  get #tracer() {
    return this.#provider.getTracer('surtitre');
  }
}

const STAGES = ['rtp_pcm', 'queue', 'model', 'emit', 'bus', 'fanout'] as const;

function keyOf(room: string, utterance: number): string {
  return `${room}\n${utterance}`;
}
