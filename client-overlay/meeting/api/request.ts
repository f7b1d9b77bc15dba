/** One request to the room service. Throws a {@link ServiceProblem}. */
import type { Problem } from '../../../protocol/room-api.ts';
import { problemKindOfStatus, ServiceProblem } from './service-problem.ts';

const ANSWER_TIMEOUT_MS = 10_000;

export interface RequestOptions {
  readonly body?: unknown;
  readonly bearer?: string;
  /** The page is going away and nobody waits for the answer. */
  readonly keepalive?: boolean;
}

export function roomPath(roomId: string): string {
  return `/api/rooms/${encodeURIComponent(roomId)}`;
}

export async function request<Answer>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  options: RequestOptions = {},
): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (options.bearer !== undefined) headers.authorization = `Bearer ${options.bearer}`;
  const response = await fetch(path, {
    method,
    headers,
    body: options.body === undefined ? null : JSON.stringify(options.body),
    keepalive: options.keepalive ?? false,
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new ServiceProblem('unreachable', `no answer to ${method} ${path}`, { cause });
  });
  if (!response.ok) {
    const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
    const detail = problem.detail ?? problem.title ?? `status ${response.status}`;
    throw new ServiceProblem(problemKindOfStatus(response.status), detail);
  }
  if (response.status === 204) return undefined as Answer;
  return (await response.json().catch((cause: unknown) => {
    throw new ServiceProblem('failed', `unreadable answer to ${method} ${path}`, { cause });
  })) as Answer;
}
