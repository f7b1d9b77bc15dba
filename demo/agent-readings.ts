/** What the agent itself says about its load, read from its metrics while the demo speaks. */
const INTERVAL_MS = 1_000;

export interface AgentReadings {
  /** Seconds for which the model thread was busy. */
  readonly busySeconds: number;
  readonly missedDeadlines: number;
}

export class AgentObserver {
  readonly #metricsUrl: string;
  readonly #timer: NodeJS.Timeout;
  #busySeconds = 0;
  #firstMissed: number | null = null;
  #lastMissed = 0;

  /** `healthUrl`: the agent's own HTTP address. */
  constructor(healthUrl: string) {
    this.#metricsUrl = `${healthUrl}/metrics`;
    void this.#read();
    this.#timer = setInterval(() => void this.#read(), INTERVAL_MS);
  }

  /** Null when the agent's metrics could not be reached (another machine, another port). */
  async finish(): Promise<AgentReadings | null> {
    clearInterval(this.#timer);
    await this.#read();
    if (this.#firstMissed === null) return null;
    return { busySeconds: this.#busySeconds, missedDeadlines: this.#lastMissed - this.#firstMissed };
  }

  async #read(): Promise<void> {
    let text: string;
    try {
      const response = await fetch(this.#metricsUrl, { signal: AbortSignal.timeout(INTERVAL_MS) });
      text = await response.text();
    } catch {
      return; // not reachable: the report leaves these figures out
    }
    const missed = metric(text, 'caption_agent_missed_deadlines_total');
    const busy = metric(text, 'caption_agent_busy_ratio');
    if (missed === null || busy === null) return;
    this.#firstMissed ??= missed;
    this.#lastMissed = missed;
    this.#busySeconds += (busy * INTERVAL_MS) / 1_000;
  }
}

/** The value of a metric without labels in Prometheus' text format. */
export function metric(text: string, name: string): number | null {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  const value = Number(line?.slice(name.length + 1));
  return line === undefined || Number.isNaN(value) ? null : value;
}
