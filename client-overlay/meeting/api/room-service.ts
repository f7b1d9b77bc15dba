/** The room and token service as the page calls it. Each function throws a {@link ServiceProblem}. */
import type {
  CaptionMode,
  CaptionsAccess,
  CreateRoomRequest,
  CreateRoomResponse,
  DeploymentInfo,
  JoinRoomRequest,
  JoinRoomResponse,
  Problem,
  RoomInfo,
  SetCaptionsRequest,
} from '../../../protocol/room-api.ts';
import { problemKindOfStatus, ServiceProblem } from './service-problem.ts';

const ANSWER_TIMEOUT_MS = 10_000;

export function getDeployment(): Promise<DeploymentInfo> {
  return request<DeploymentInfo>('GET', '/api/deployment');
}

export function createRoom(body: CreateRoomRequest): Promise<CreateRoomResponse> {
  return request<CreateRoomResponse>('POST', '/api/rooms', { body });
}

export function getRoom(roomId: string): Promise<RoomInfo> {
  return request<RoomInfo>('GET', roomPath(roomId));
}

export function joinRoom(roomId: string, body: JoinRoomRequest): Promise<JoinRoomResponse> {
  return request<JoinRoomResponse>('POST', `${roomPath(roomId)}/join`, { body });
}

/** Fresh access to the captions for somebody who is already in the room; `token` is the one about to expire. */
export function refreshCaptionsAccess(roomId: string, token: string): Promise<CaptionsAccess> {
  return request<CaptionsAccess>('POST', `${roomPath(roomId)}/token`, { bearer: token });
}

export async function setCaptionMode(roomId: string, mode: CaptionMode, hostKey: string): Promise<void> {
  const body: SetCaptionsRequest = { mode };
  await request('PUT', `${roomPath(roomId)}/captions`, { body, bearer: hostKey });
}

/** Asks the demo speakers into the room. */
export async function startDemo(roomId: string): Promise<void> {
  await request('POST', `${roomPath(roomId)}/demo`);
}

function roomPath(roomId: string): string {
  return `/api/rooms/${encodeURIComponent(roomId)}`;
}

async function request<Answer>(
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  options: { readonly body?: unknown; readonly bearer?: string } = {},
): Promise<Answer> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (options.bearer !== undefined) headers.authorization = `Bearer ${options.bearer}`;
  const response = await fetch(path, {
    method,
    headers,
    body: options.body === undefined ? null : JSON.stringify(options.body),
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
