/** Milliseconds of processor time, and how many of them the host of a virtual machine kept for others. */
import { readFileSync } from 'node:fs';

/** Of this process since it began, all threads. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Of all cores since the machine was started; not-a-number where nobody tells. */
export function stolenMs(): number {
  try {
    // user nice system idle iowait irq softirq steal, in hundredths of a second
    const steal = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.trim().split(/\s+/)[8];
    return Number(steal) * 10;
  } catch {
    return Number.NaN;
  }
}
