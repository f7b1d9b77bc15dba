import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../runtime/log.ts';
import { type StrictWorkerServer, startStrictWorkerServer } from '../../test/support/strict-worker-server.ts';
import { WorkerSocket, type WorkerSocketOptions, type WorkerState } from './worker-socket.ts';

const SECRET = 'a-secret-that-is-long-enough-for-hs256';

describe('a worker socket', () => {
  let server: StrictWorkerServer;
  let worker: WorkerSocket | undefined;

  beforeEach(async () => {
    server = await startStrictWorkerServer(SECRET);
  });
  afterEach(async () => {
    worker?.close();
    await server.close();
  });

  function start(options: Partial<WorkerSocketOptions> = {}): WorkerSocket {
    worker = new WorkerSocket({
      url: server.url,
      apiKey: 'APItest',
      apiSecret: SECRET,
      agentName: 'surtitre',
      version: '1',
      permissions: { canSubscribe: true, hidden: true },
      maxJobs: 2,
      log: createLog('test', 'silent'),
      onOffer: (job) => ({ answer: 'take', participant: { identity: `surtitre-${job.room}` } }),
      onAssigned: () => {},
      ...options,
    });
    worker.connect();
    return worker;
  }

  it('registers under its name with the permissions of an agent', async () => {
    start();
    const registration = await server.next('register');
    expect(registration.agentName).toBe('surtitre');
    expect(registration.allowedPermissions).toMatchObject({ agent: true, hidden: true, canPublish: false });
    expect(await server.next('updateWorker')).toMatchObject({ load: 0, jobCount: 0, status: 0 });
  });

  it('takes an offered job and hands its assignment over once', async () => {
    const assigned: string[] = [];
    start({ onAssigned: (job, access) => assigned.push(`${job.room} ${access.token} ${access.url}`) });
    await server.next('register');
    server.offer({ id: 'J1', room: 'salon' });
    expect(await server.next('availability')).toMatchObject({
      jobId: 'J1',
      available: true,
      terminate: false,
      participantIdentity: 'surtitre-salon',
    });
    server.assign({ id: 'J1', room: 'salon' }, 'T');
    server.assign({ id: 'J1', room: 'salon' }, 'T');
    expect(await server.next('updateJob')).toMatchObject({ jobId: 'J1', status: 1 });
    expect(assigned).toEqual([`salon T ${server.url}`]);
  });

  it('ends a duplicate so that the server asks nobody else', async () => {
    start({ onOffer: () => ({ answer: 'terminate' }) });
    await server.next('register');
    server.offer({ id: 'J1', room: 'salon' });
    expect(await server.next('availability')).toMatchObject({ available: false, terminate: true });
  });

  it('refuses at capacity although both offers came before any load report', async () => {
    start({ maxJobs: 1 });
    await server.next('register');
    server.offer({ id: 'J1', room: 'a' });
    server.offer({ id: 'J2', room: 'b' });
    expect(await server.next('availability')).toMatchObject({ jobId: 'J1', available: true });
    expect(await server.next('availability')).toMatchObject({
      jobId: 'J2',
      available: false,
      terminate: false,
    });
  });

  it('reports full at capacity and available after a job has ended', async () => {
    const running = start({ maxJobs: 1 });
    await server.next('updateWorker');
    server.offer({ id: 'J1', room: 'a' });
    const full = await server.next('updateWorker');
    expect(full.status).toBe(1);
    expect(full.load).toBeCloseTo(0.69);
    server.assign({ id: 'J1', room: 'a' }, 'T');
    await server.next('updateJob');
    running.finish('J1', 'success');
    expect(await server.next('updateJob')).toMatchObject({ jobId: 'J1', status: 2 });
    expect(await server.next('updateWorker')).toMatchObject({ status: 0, jobCount: 0 });
  });

  it('takes no job while it drains', async () => {
    start().drain();
    await server.next('updateWorker');
    server.offer({ id: 'J1', room: 'a' });
    expect(await server.next('availability')).toMatchObject({ available: false, terminate: false });
  });

  it('registers again after a lost connection and keeps its running jobs', async () => {
    const running = start();
    await server.next('register');
    server.offer({ id: 'J1', room: 'a' });
    await server.next('availability');
    server.assign({ id: 'J1', room: 'a' }, 'T');
    await server.next('updateJob');
    server.workers.at(-1)?.terminate();
    await server.next('register');
    expect(running.jobCount).toBe(1);
  });

  it('forgets a promise whose connection was lost before the assignment', async () => {
    const running = start();
    await server.next('register');
    server.offer({ id: 'J1', room: 'a' });
    await server.next('availability');
    server.workers.at(-1)?.terminate();
    await server.next('register');
    expect(running.jobCount).toBe(0);
  });

  it('says when the server refuses its key', async () => {
    const refused = await new Promise<number>((resolve) => {
      start({ apiSecret: 'another-secret-that-is-long-enough-too', onRefused: resolve });
    });
    expect(refused).toBe(401);
  });

  it('does NOT reconnect once closed', async () => {
    const states: WorkerState[] = [];
    const running = start({ onStateChanged: (state) => states.push(state) });
    await server.next('updateWorker');
    running.close();
    expect(states).toEqual(['connecting', 'registered', 'closed']);
    expect(running.state).toBe('closed');
  });
});
