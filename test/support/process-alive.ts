import { readFileSync } from 'node:fs';

/** Whether a process still runs. One that ended but was not yet reaped (a zombie, where `init` is lazy) does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // "pid (name) state …"; the name may hold spaces and brackets.
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}
