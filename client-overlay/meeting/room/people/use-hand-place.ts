import { useHandQueue } from '../hands/use-hand-queue.ts';

/** Which number in the queue this person's raised hand is; 0: not raised. */
export function useHandPlace(identity: string): number {
  return useHandQueue().findIndex((person) => person.identity === identity) + 1;
}
