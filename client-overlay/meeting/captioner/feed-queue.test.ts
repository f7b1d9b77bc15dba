import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { FeedRequest } from '../../../protocol/captioner-api.ts';
import { ServiceProblem, type ServiceProblemKind } from '../api/service-problem.ts';
import { FeedQueue } from './feed-queue.ts';

let sent: FeedRequest[];
let failing: ServiceProblemKind | null;
let queue: FeedQueue;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  failing = null;
  queue = new FeedQueue({
    nextSequence: 1,
    send: async (post) => {
      sent.push(post);
      if (failing !== null) throw new ServiceProblem(failing, 'as asked');
      return { sequence: post.sequence, duplicate: false, missing: 0 };
    },
    onChange: () => {},
  });
  queue.open();
});
afterEach(() => {
  queue.close();
  vi.useRealTimers();
});

it('numbers texts and sends them in order', async () => {
  expect([queue.add({ text: 'un', end: false }), queue.add({ text: ' deux' })]).toEqual([1, 2]);
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toEqual([
    { sequence: 1, text: 'un', end: false },
    { sequence: 2, text: ' deux' },
  ]);
  expect([queue.state, queue.acknowledged]).toEqual(['idle', 2]);
});

it('sends the same text again until it is answered, and then the rest', async () => {
  failing = 'unreachable';
  queue.add({ text: 'un' });
  queue.add({ text: 'deux' });
  await vi.advanceTimersByTimeAsync(600);
  expect(queue.state).toBe('offline');
  expect(new Set(sent.map(({ sequence }) => sequence))).toEqual(new Set([1]));
  failing = null;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(sent.at(-1)).toEqual({ sequence: 2, text: 'deux' });
  expect(queue.state).toBe('idle');
});

it('leaves out what is not taken, and says so while captions are off', async () => {
  failing = 'not-now';
  queue.add({ text: 'un' });
  await vi.advanceTimersByTimeAsync(0);
  expect(queue.state).toBe('off');
  failing = null;
  queue.add({ text: 'deux' });
  await vi.advanceTimersByTimeAsync(0);
  expect([queue.state, queue.acknowledged]).toEqual(['idle', 2]);
});

it('stops for good when the invitation is refused', async () => {
  failing = 'not-allowed';
  queue.add({ text: 'un' });
  await vi.advanceTimersByTimeAsync(60_000);
  expect([queue.state, sent.length]).toEqual(['refused', 1]);
});

it('sends each text once although it was closed and opened meanwhile', async () => {
  queue.add({ text: 'un' });
  queue.close();
  queue.add({ text: 'deux' });
  queue.open();
  await vi.advanceTimersByTimeAsync(0);
  expect(sent.map(({ text }) => text)).toEqual(['un', 'deux']);
});

it('takes no more than it can hold', async () => {
  failing = 'unreachable';
  for (let i = 0; i < 2_000; i += 1) queue.add({ text: 'x' });
  expect(queue.isFull).toBe(true);
  expect(queue.add({ text: 'x' })).toBeUndefined();
});
