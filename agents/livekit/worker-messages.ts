/**
 * LiveKit's worker protocol in our words: protobuf messages over one WebSocket at `/agent`. The server offers a
 * job (availability), the worker answers, the server assigns it with a token. Only what a room worker needs.
 */
import {
  AvailabilityResponse,
  type Job,
  JobStatus,
  JobType,
  ParticipantPermission,
  RegisterWorkerRequest,
  ServerMessage,
  UpdateJobStatus,
  UpdateWorkerStatus,
  WorkerMessage,
  WorkerStatus,
} from '@livekit/protocol';

export const WORKER_PATH = '/agent?protocol=1';

/** What the agent may do in the rooms that it is sent to; what is left out is denied. */
export interface WorkerPermissions {
  readonly canSubscribe?: boolean;
  readonly canPublish?: boolean;
  readonly canPublishData?: boolean;
  /** Other participants do not see the agent. */
  readonly hidden?: boolean;
}

/** A room that wants the worker. `metadata` and `attributes` are those of the dispatch, not of the room. */
export interface WorkerJob {
  readonly id: string;
  readonly dispatchId: string;
  readonly room: string;
  readonly roomMetadata: string;
  readonly metadata: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The participant as which the agent joins when it takes a job. */
export interface JobParticipant {
  readonly identity: string;
  readonly name?: string;
  readonly metadata?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/**
 * `take`: join as this participant. `refuse`: the server asks another worker. `terminate`: nobody is needed (we
 * serve the room already); the server records success and asks nobody else.
 */
export type JobAnswer =
  | { readonly answer: 'take'; readonly participant: JobParticipant }
  | { readonly answer: 'refuse' }
  | { readonly answer: 'terminate' };

export type JobOutcome = 'success' | 'failed';

export type FromServer =
  | { readonly type: 'registered'; readonly workerId: string }
  | { readonly type: 'offer'; readonly job: WorkerJob }
  | { readonly type: 'assignment'; readonly job: WorkerJob; readonly token: string; readonly url: string }
  | { readonly type: 'termination'; readonly jobId: string }
  /** Of a newer protocol, or without effect for us. */
  | { readonly type: 'other' };

export interface Registration {
  readonly agentName: string;
  readonly version: string;
  readonly permissions: WorkerPermissions;
}

export function packRegister(registration: Registration): Uint8Array {
  const { agentName, version, permissions } = registration;
  const value = new RegisterWorkerRequest({
    type: JobType.JT_ROOM,
    agentName,
    version,
    allowedPermissions: new ParticipantPermission({ ...permissions, agent: true }),
  });
  return new WorkerMessage({ message: { case: 'register', value } }).toBinary();
}

export function packAnswer(jobId: string, answer: JobAnswer): Uint8Array {
  const value = new AvailabilityResponse({ jobId });
  if (answer.answer === 'terminate') value.terminate = true;
  if (answer.answer === 'take') {
    value.available = true;
    value.participantIdentity = answer.participant.identity;
    value.participantName = answer.participant.name ?? '';
    value.participantMetadata = answer.participant.metadata ?? '';
    value.participantAttributes = { ...answer.participant.attributes };
  }
  return new WorkerMessage({ message: { case: 'availability', value } }).toBinary();
}

export function packJobStatus(jobId: string, status: 'running' | JobOutcome, error = ''): Uint8Array {
  const known = {
    running: JobStatus.JS_RUNNING,
    success: JobStatus.JS_SUCCESS,
    failed: JobStatus.JS_FAILED,
  } as const;
  const value = new UpdateJobStatus({ jobId, status: known[status], error });
  return new WorkerMessage({ message: { case: 'updateJob', value } }).toBinary();
}

/** `load` from 0 to 1; the server does not offer jobs at 0.7 or more. */
export function packWorkerStatus(load: number, jobCount: number, full: boolean): Uint8Array {
  const status = full ? WorkerStatus.WS_FULL : WorkerStatus.WS_AVAILABLE;
  const value = new UpdateWorkerStatus({ status, load, jobCount });
  return new WorkerMessage({ message: { case: 'updateWorker', value } }).toBinary();
}

/** Throws on bytes that are no protobuf message. */
export function unpackFromServer(bytes: Uint8Array): FromServer {
  const { message } = ServerMessage.fromBinary(bytes);
  switch (message.case) {
    case 'register':
      return { type: 'registered', workerId: message.value.workerId };
    case 'availability':
      return message.value.job ? { type: 'offer', job: jobOf(message.value.job) } : { type: 'other' };
    case 'assignment': {
      const { job, token, url } = message.value;
      return job ? { type: 'assignment', job: jobOf(job), token, url: url ?? '' } : { type: 'other' };
    }
    case 'termination':
      return { type: 'termination', jobId: message.value.jobId };
    default:
      return { type: 'other' };
  }
}

function jobOf(job: Job): WorkerJob {
  return {
    id: job.id,
    dispatchId: job.dispatchId,
    room: job.room?.name ?? '',
    roomMetadata: job.room?.metadata ?? '',
    metadata: job.metadata,
    attributes: job.attributes,
  };
}
