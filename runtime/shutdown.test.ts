import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';
import { Shutdown } from './shutdown.ts';

const log = createLog('test', 'silent');

describe('Shutdown', () => {
  it('closes in reverse order, once, and goes on after a step that fails', async () => {
    const closed: string[] = [];
    const shutdown = new Shutdown(log, 1_000);
    shutdown.add('first', () => {
      closed.push('first');
    });
    shutdown.add('second', () => {
      throw new Error('cannot close');
    });
    shutdown.add('third', async () => {
      closed.push('third');
    });
    await Promise.all([shutdown.run(), shutdown.run()]);
    expect(closed).toEqual(['third', 'first']);
  });

  it('gives up at the deadline and says so by the exit code', async () => {
    const shutdown = new Shutdown(log, 20);
    shutdown.add('never reached', () => {
      throw new Error('the deadline had passed');
    });
    shutdown.add('stuck', () => new Promise(() => {}));
    const before = process.exitCode;
    await shutdown.run();
    expect(process.exitCode).toBe(1);
    process.exitCode = before;
  });
});
