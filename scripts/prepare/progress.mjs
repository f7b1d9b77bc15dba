/** One line for each step that takes longer than a second; steps that are quicker say nothing. */
const QUIET_MS = 1_000;
const REMINDER_MS = 30_000;

/** Runs `work` and shows that it goes on. The value or error of `work` passes through. */
export async function step(label, work) {
  const startedAt = performance.now();
  const elapsed = () => `${((performance.now() - startedAt) / 1_000).toFixed(0)} s`;
  const inPlace = process.stderr.isTTY === true;
  let shown = false;
  const show = () => {
    if (inPlace) process.stderr.write(`\r\u001b[K${label} … ${shown ? elapsed() : ''}`);
    else process.stderr.write(shown ? `${label} … ${elapsed()}\n` : `${label} …\n`);
    shown = true;
  };
  const first = setTimeout(show, QUIET_MS);
  const later = setInterval(() => shown && show(), inPlace ? QUIET_MS : REMINDER_MS);
  const finish = (outcome) => {
    clearTimeout(first);
    clearInterval(later);
    if (shown)
      process.stderr.write(`${inPlace ? '\r\u001b[K' : ''}${label}: ${outcome} after ${elapsed()}\n`);
  };
  try {
    const value = await work();
    finish('done');
    return value;
  } catch (error) {
    finish('failed');
    throw error;
  }
}
