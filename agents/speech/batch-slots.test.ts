import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BatchSlots, type SlotLease } from './batch-slots.ts';

test('a slot that is leased again does NOT answer to its old lease', () => {
  const slots = new BatchSlots<string>(1);
  const first = slots.acquire('first') as SlotLease;
  expect(slots.acquire('too many')).toBeNull();
  slots.release(first);
  const second = slots.acquire('second') as SlotLease;
  expect(second.slot).toBe(first.slot);
  expect(slots.ownerOf(first)).toBeNull();
  expect(slots.ownerOf(second)).toBe('second');
  slots.release(first);
  expect(slots.ownerOf(second)).toBe('second');
  expect(slots.size).toBe(1);
});

test('leases held at a time never share a slot', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), (actions) => {
      const slots = new BatchSlots<number>(4);
      const held: SlotLease[] = [];
      for (const [step, action] of actions.entries()) {
        const lease = held[action];
        if (lease) {
          slots.release(lease);
          held.splice(action, 1);
        } else {
          const acquired = slots.acquire(step);
          expect(acquired === null).toBe(held.length === 4);
          if (acquired) held.push(acquired);
        }
        expect(slots.size).toBe(held.length);
        expect(new Set(held.map(({ slot }) => slot)).size).toBe(held.length);
      }
    }),
  );
});
