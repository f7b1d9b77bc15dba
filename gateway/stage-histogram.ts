/**
 * The times that frames spend in each stage, as a metric of prom-client's registry. Its own histogram makes a text of
 * the labels and of the bucket's bound for every value, which for the stages of a frame took longer than all else
 * that the gateway does with it; this one counts in arrays and makes texts when it is read.
 */
import { Histogram } from 'prom-client';

export type Exemplar = { readonly trace_id: string };

interface ShownExemplar {
  readonly labelSet: Exemplar;
  readonly value: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

export class Stage {
  readonly name: string;
  readonly #boundsS: readonly number[];
  /** A bucket each, not cumulative; the last has no bound. */
  readonly #counts: Float64Array;
  readonly #exemplars: (ShownExemplar | null)[];
  #sumS = 0;
  #count = 0;

  constructor(name: string, boundsS: readonly number[]) {
    this.name = name;
    this.#boundsS = boundsS;
    this.#counts = new Float64Array(boundsS.length + 1);
    this.#exemplars = new Array<null>(boundsS.length + 1).fill(null);
  }

  observe(seconds: number, exemplar?: Exemplar): void {
    let bucket = 0;
    while (bucket < this.#boundsS.length && seconds > (this.#boundsS[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sumS += seconds;
    this.#count += 1;
    if (exemplar) {
      this.#exemplars[bucket] = { labelSet: exemplar, value: seconds, timestamp: Date.now() / 1000 };
    }
  }

  /** As the library keeps them for the registry; nothing before the first value. */
  values(metric: string) {
    const sharedLabels = { stage: this.name };
    if (this.#count === 0) return [];
    let cumulative = 0;
    const buckets = [...this.#boundsS, '+Inf'].map((le, bucket) => {
      cumulative += this.#counts[bucket] ?? 0;
      const exemplar = this.#exemplars[bucket];
      return { metricName: `${metric}_bucket`, labels: { le }, sharedLabels, value: cumulative, exemplar };
    });
    return [
      ...buckets,
      { metricName: `${metric}_sum`, labels: {}, sharedLabels, value: this.#sumS },
      { metricName: `${metric}_count`, labels: {}, sharedLabels, value: this.#count },
    ];
  }
}

type Configuration = ConstructorParameters<typeof Histogram<string>>[0] & { readonly buckets: number[] };

export class StageHistogram extends Histogram<string> {
  readonly #stages: Stage[] = [];
  readonly #configuration: Configuration;

  constructor(configuration: Configuration) {
    super(configuration);
    this.#configuration = configuration;
  }

  /** To be asked for once. */
  stage(name: string): Stage {
    const stage = new Stage(name, this.#configuration.buckets);
    this.#stages.push(stage);
    return stage;
  }

  /** What the library's own `get` and the registry ask for; not in its types. */
  async getForPromString() {
    const { name, help } = this.#configuration;
    const values = this.#stages.flatMap((stage) => stage.values(name));
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }
}
