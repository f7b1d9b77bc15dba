/** The room and token service as the page calls it. Each function throws a `ServiceProblem`. */
import type {
  CaptionsAccess,
  CreateRoomRequest,
  CreateRoomResponse,
  DeploymentInfo,
  JoinRoomRequest,
  JoinRoomResponse,
  RoomInfo,
  WaitingResponse,
} from '../../../protocol/room-api.ts';
import { request, roomPath } from './request.ts';

export function getDeployment(): Promise<DeploymentInfo> {
  return request<DeploymentInfo>('GET', '/api/deployment');
}

export function createRoom(body: CreateRoomRequest): Promise<CreateRoomResponse> {
  return request<CreateRoomResponse>('POST', '/api/rooms', { body });
}

export function getRoom(roomId: string): Promise<RoomInfo> {
  return request<RoomInfo>('GET', roomPath(roomId));
}

/** Access to the room, or to its waiting room. */
export function joinRoom(roomId: string, body: JoinRoomRequest): Promise<JoinRoomResponse | WaitingResponse> {
  return request('POST', `${roomPath(roomId)}/join`, { body });
}

/** Fresh access to the captions for somebody who is already in the room; `token` is the one about to expire. */
export function refreshCaptionsAccess(roomId: string, token: string): Promise<CaptionsAccess> {
  return request<CaptionsAccess>('POST', `${roomPath(roomId)}/token`, { bearer: token });
}

/** `captionsToken`: whose hand it is. */
export function raiseHand(roomId: string, raised: boolean, captionsToken: string): Promise<void> {
  return request('PUT', `${roomPath(roomId)}/hand`, { body: { raised }, bearer: captionsToken });
}

/** Asks the demo speakers into the room. */
export function startDemo(roomId: string): Promise<void> {
  return request('POST', `${roomPath(roomId)}/demo`);
}
