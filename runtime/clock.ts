/**
 * Unix time in milliseconds with sub-millisecond digits that never goes back while the process lives: what all
 * latencies are measured with. Steps of the system clock after start are not followed, so that a stage never
 * seems to take negative time.
 */
const originMs = Date.now() - performance.now();

export function nowMs(): number {
  return originMs + performance.now();
}
