import { describe, expect, it } from 'vitest';
import { EnvReader } from './env.ts';

describe('EnvReader', () => {
  it('names every fault at once and no value', () => {
    const env = new EnvReader({ PORT: '70000', MODE: 'sometimes', URL: 'ftp://x', SECRET: 'short-secret' });
    env.integer('PORT', 80, { min: 0, max: 65_535 });
    env.choice('MODE', ['on', 'off'], 'on');
    env.url('URL', ['ws:', 'wss:']);
    env.secret('SECRET');
    env.string('MISSING');
    let message = '';
    try {
      env.finish({});
    } catch (error) {
      message = (error as Error).message;
    }
    for (const name of ['PORT', 'MODE', 'URL', 'SECRET', 'MISSING']) expect(message).toContain(name);
    expect(message).toContain('5 fault(s)');
    expect(message).not.toContain('short-secret');
  });

  it('falls back where a variable is absent or empty', () => {
    const env = new EnvReader({ A: '' });
    expect(env.integer('A', 7, { min: 0, max: 9 })).toBe(7);
    expect(env.boolean('B', true)).toBe(true);
    expect(env.optional('A')).toBeUndefined();
    expect(env.url('C', ['ws:'], 'ws://127.0.0.1:1/')).toBe('ws://127.0.0.1:1');
    expect(env.string('D', '')).toBe('');
    expect(env.finish({ done: true })).toEqual({ done: true });
  });
});
