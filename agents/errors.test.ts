import { expect, it } from 'vitest';
import { agentErrors } from './errors.ts';

it('never repeats a token that LiveKit refused', () => {
  const refusal = new Error(
    '401 - invalid token: eyJhbGciOiJIUzI1NiJ9.eyJ2aWRlbyI6e30.BgnqGC7N8D-jm3Z, error: no',
  );
  const { cause } = agentErrors.joinFailed(refusal);
  expect((cause as Error).message).toBe('401 - invalid token: <token>, error: no');
});
