/**
 * Unix time in milliseconds with sub-millisecond digits that never goes back while the process lives: what all
 * latencies are measured with. Steps of the system clock after start are not followed, so that a stage never
 * seems to take negative time.
 */
const originMs = findOrigin();

export function nowMs(): number {
  return originMs + performance.now();
}

/**
 * Two processes must agree to a fraction of a millisecond. `Date.now()` counts whole ones, so it is read at the
 * moment at which it ticks; on a busy machine the process may lose its core between two readings, so the try
 * with the least time between them counts. Takes some 5 ms.
 */
function findOrigin(): number {
  let origin = 0;
  let leastUncertainty = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5; attempt++) {
    const last = Date.now();
    let before: number;
    let tick: number;
    do {
      before = performance.now();
      tick = Date.now();
    } while (tick === last);
    const uncertainty = performance.now() - before;
    if (uncertainty >= leastUncertainty) continue;
    leastUncertainty = uncertainty;
    origin = tick - before;
  }
  return origin;
}
