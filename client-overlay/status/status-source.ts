/** Asks the gateway every two seconds while somebody looks, with the operator's token. */
import type { OperatorStatus } from '../../protocol/operator-api.ts';

const EVERY_MS = 2_000;
const ANSWER_TIMEOUT_MS = 5_000;

export type SourceProblem = 'refused' | 'not-configured' | 'unreachable';

export interface StatusSourceOptions {
  readonly token: string;
  readonly onReading: (reading: OperatorStatus) => void;
  /** It is asked again, except after `refused` and `not-configured`. */
  readonly onProblem: (problem: SourceProblem) => void;
}

export class StatusSource {
  readonly #options: StatusSourceOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: 'running' | 'stopped' = 'running';

  constructor(options: StatusSourceOptions) {
    this.#options = options;
    void this.#ask();
  }

  stop(): void {
    this.#state = 'stopped';
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    const { token, onReading, onProblem } = this.#options;
    const answer = document.hidden ? null : await ask(token);
    if (this.#state === 'stopped') return;
    if (typeof answer === 'string') onProblem(answer);
    else if (answer !== null) onReading(answer);
    if (answer === 'refused' || answer === 'not-configured') return;
    this.#timer = setTimeout(() => void this.#ask(), EVERY_MS);
  }
}

async function ask(token: string): Promise<OperatorStatus | SourceProblem> {
  try {
    const response = await fetch('/api/operator/status', {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    if (response.status === 401) return 'refused';
    if (response.status === 404) return 'not-configured';
    return response.ok ? ((await response.json()) as OperatorStatus) : 'unreachable';
  } catch {
    return 'unreachable'; // no answer in time, or none at all
  }
}
