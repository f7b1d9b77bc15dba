/** Who comes in, who is heard, who goes: the host's routes of a real gateway beside a real LiveKit server. */
import { DisconnectReason, dispose, type Room, RoomEvent } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  CreateRoomResponse,
  JoinRoomResponse,
  WaitingList,
  WaitingResponse,
} from '../protocol/room-api.ts';
import { CaptionViewer } from './support/caption-viewer.ts';
import { findLivekitServer } from './support/livekit-server.ts';
import { type LocalSfu, startLocalSfu } from './support/local-sfu.ts';
import { postJson, startTestGateway, type TestGateway } from './support/start-gateway.ts';
import { ToneSpeaker } from './support/tone-speaker.ts';

const livekit = findLivekitServer();

describe.skipIf(livekit.path === null)(
  `room control${livekit.path ? '' : ` (skipped: ${livekit.reason})`}`,
  () => {
    let sfu: LocalSfu;
    let gateway: TestGateway;
    const people: ToneSpeaker[] = [];

    beforeAll(async () => {
      sfu = await startLocalSfu();
      gateway = await startTestGateway({
        livekit: sfu,
        env: { SURTITRE_RECORDING_FILE: '/out/{room_name}.mp4' },
      });
    });
    afterAll(async () => {
      await Promise.all(people.map((person) => person.close()));
      await gateway.close();
      await dispose();
      await sfu.close();
    });

    async function ask<Answer = unknown>(method: string, path: string, bearer?: string, body?: unknown) {
      const response = await fetch(`${gateway.httpUrl}/api/rooms/${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, json: (text === '' ? null : JSON.parse(text)) as Answer };
    }

    const newRoom = (body: Record<string, unknown> = {}) =>
      postJson<CreateRoomResponse>(`${gateway.httpUrl}/api/rooms`, body);
    const join = (roomId: string, body: Record<string, unknown>) =>
      ask<JoinRoomResponse>('POST', `${roomId}/join`, undefined, body);

    async function enter(access: { livekitUrl: string; livekitToken: string }): Promise<ToneSpeaker> {
      const person = await new ToneSpeaker().join(access.livekitUrl, access.livekitToken);
      people.push(person);
      return person;
    }

    async function joined(roomId: string, body: Record<string, unknown>) {
      const { json } = await join(roomId, body);
      return { access: json, person: await enter(json) };
    }

    /** Resolves as soon as the condition holds, looked at after every event of the room that may change it. */
    function until(room: Room, events: readonly RoomEvent[], condition: () => boolean): Promise<void> {
      return new Promise((resolve) => {
        const look = () => {
          if (!condition()) return;
          for (const event of events) room.off(event, look);
          resolve();
        };
        for (const event of events) room.on(event, look);
        look();
      });
    }

    it('a guest waits, sees nobody, and comes in under the same name once the host admits', async () => {
      const { roomId, hostKey } = await newRoom({ access: 'waiting-room' });
      const host = await joined(roomId, { name: 'Ana', hostKey });
      expect(host.access.role).toBe('host');

      const asked = await ask<WaitingResponse>('POST', `${roomId}/join`, undefined, { name: 'Bo' });
      expect(asked).toMatchObject({ status: 202, json: { waiting: true, roomId } });
      const guest = await enter(asked.json);
      expect(guest.room.remoteParticipants.size).toBe(0);
      const { json } = await ask<WaitingList>('GET', `${roomId}/waiting`, hostKey);
      expect(json.waiting.map(({ name }) => name)).toEqual(['Bo']);
      const identity = json.waiting[0]?.identity;

      const admitted = until(
        guest.room,
        [RoomEvent.ParticipantAttributesChanged],
        () => guest.room.localParticipant?.attributes.decision === 'admitted',
      );
      const decided = await ask('POST', `${roomId}/waiting`, hostKey, { decision: 'admit', identity });
      expect(decided).toMatchObject({ status: 200, json: { decided: 1 } });
      await admitted;
      const admission = guest.room.localParticipant?.attributes.admission;
      const inside = await joined(roomId, { name: 'somebody else', admission });
      expect(inside.access).toMatchObject({ identity, name: 'Bo', role: 'guest' });
      expect((await ask<WaitingList>('GET', `${roomId}/waiting`, hostKey)).json.waiting).toEqual([]);
    });

    it('an admission opens one room only', async () => {
      const { roomId } = await newRoom({ access: 'waiting-room' });
      const forged = gateway.sign({
        aud: 'surtitre-admission',
        sub: 'p-x',
        name: 'X',
        room: 'another',
        exp: Math.floor(Date.now() / 1000) + 60,
      });
      expect(await join(roomId, { name: 'X', admission: forged })).toMatchObject({
        status: 403,
        json: { field: '/admission' },
      });
    });

    it('refusing tells the guest; opening the room admits everybody who still waits', async () => {
      const { roomId, hostKey } = await newRoom({ access: 'waiting-room' });
      const [refused, patient] = await Promise.all(
        ['Bo', 'Cy'].map(async (name) => {
          const { json } = await ask<WaitingResponse>('POST', `${roomId}/join`, undefined, { name });
          return enter(json);
        }),
      );
      if (!refused || !patient) throw new Error('two people expected');
      const decision = (person: ToneSpeaker, wanted: string) =>
        until(
          person.room,
          [RoomEvent.ParticipantAttributesChanged],
          () => person.room.localParticipant?.attributes.decision === wanted,
        );
      const identity = refused.room.localParticipant?.identity;
      await ask('POST', `${roomId}/waiting`, hostKey, { decision: 'refuse', identity });
      await decision(refused, 'refused');
      expect(await ask('PUT', `${roomId}/access`, hostKey, { access: 'open' })).toMatchObject({
        status: 204,
      });
      await decision(patient, 'admitted');
      expect(refused.room.localParticipant?.attributes.decision).toBe('refused');
    });

    it('a locked room lets nobody in but the host, until it is opened again', async () => {
      const { roomId, hostKey } = await newRoom();
      const host = await joined(roomId, { name: 'Ana', hostKey });
      const locked = until(host.person.room, [RoomEvent.RoomMetadataChanged], () =>
        (host.person.room.metadata ?? '').includes('"access":"locked"'),
      );
      await ask('PUT', `${roomId}/access`, hostKey, { access: 'locked' });
      await locked;
      expect(await join(roomId, { name: 'Bo' })).toMatchObject({ status: 423 });
      expect(await join(roomId, { name: 'Ana', hostKey })).toMatchObject({ status: 200 });
      await ask('PUT', `${roomId}/access`, hostKey, { access: 'open' });
      expect(await join(roomId, { name: 'Bo' })).toMatchObject({ status: 200 });
    });

    it('one microphone is turned off, or all but the host’s, and each page is told who did it', async () => {
      const { roomId, hostKey } = await newRoom();
      const host = await joined(roomId, { name: 'Ana', hostKey });
      const guest = await joined(roomId, { name: 'Bo' });
      await Promise.all([host.person.publish(), guest.person.publish()]);
      const { identity } = guest.access;
      const told = new Promise<unknown>((resolve) => {
        guest.person.room.on(RoomEvent.DataReceived, (payload, _from, _kind, topic) => {
          resolve([topic, JSON.parse(new TextDecoder().decode(payload))]);
        });
      });
      const microphone = () =>
        [...(host.person.room.remoteParticipants.get(identity)?.trackPublications.values() ?? [])][0];
      // One that is first heard of when it is muted already brings no event of its muting.
      await until(host.person.room, [RoomEvent.TrackPublished], () => microphone() !== undefined);
      const muted = until(host.person.room, [RoomEvent.TrackMuted], () => microphone()?.muted === true);
      const one = `${roomId}/participants/${identity}/mute`;
      expect(await ask('POST', one, hostKey, { source: 'microphone' })).toMatchObject({ status: 204 });
      await muted;
      expect(await told).toEqual(['surtitre.host', { muted: 'microphone' }]);
      await ask('POST', `${roomId}/mute`, hostKey, { except: host.access.identity });
      const [stillOn] = await sfu.rooms
        .listParticipants(roomId)
        .then((all) => all.filter((person) => person.identity === host.access.identity));
      expect(stillOn?.tracks.map((track) => track.muted)).toEqual([false]);
    });

    it('somebody put out is gone, reads no more captions, and gets no new access to them', async () => {
      const { roomId, hostKey } = await newRoom();
      const guest = await joined(roomId, { name: 'Bo' });
      const { identity, captionsToken } = guest.access;
      const viewer = await CaptionViewer.join(gateway.socketUrl, captionsToken);
      const gone = new Promise<DisconnectReason>((resolve) => {
        guest.person.room.on(RoomEvent.Disconnected, resolve);
      });
      expect(await ask('DELETE', `${roomId}/participants/${identity}`, hostKey)).toMatchObject({
        status: 204,
      });
      expect(await gone).toBe(DisconnectReason.PARTICIPANT_REMOVED);
      expect(await viewer.inbox.closed).toBe(4410);
      await expect(CaptionViewer.join(gateway.socketUrl, captionsToken)).rejects.toThrow('403');
      expect(await ask('POST', `${roomId}/token`, captionsToken)).toMatchObject({ status: 403 });
    });

    it('hands are raised in order, by their owners, and lowered by either', async () => {
      const { roomId, hostKey } = await newRoom();
      const [ana, bo] = await Promise.all([
        joined(roomId, { name: 'Ana', hostKey }),
        joined(roomId, { name: 'Bo' }),
      ]);
      const handOf = (identity: string) =>
        Number(ana.person.room.remoteParticipants.get(identity)?.attributes.hand ?? 0);
      const changed = (condition: () => boolean) =>
        until(
          ana.person.room,
          [RoomEvent.ParticipantAttributesChanged, RoomEvent.ParticipantConnected],
          condition,
        );
      const before = Date.now();
      await ask('PUT', `${roomId}/hand`, bo.access.captionsToken, { raised: true });
      await changed(() => handOf(bo.access.identity) >= before);
      await ask('DELETE', `${roomId}/participants/${bo.access.identity}/hand`, hostKey);
      await changed(() => handOf(bo.access.identity) === 0);
      expect(await ask('PUT', `${roomId}/hand`, 'x.y.z', { raised: true })).toMatchObject({ status: 401 });
    });

    it('the host ends the meeting for everyone, those who wait included', async () => {
      const { roomId, hostKey } = await newRoom();
      const guest = await joined(roomId, { name: 'Bo' });
      await ask('PUT', `${roomId}/access`, hostKey, { access: 'waiting-room' });
      const { json } = await ask<WaitingResponse>('POST', `${roomId}/join`, undefined, { name: 'Cy' });
      const waiting = await enter(json);
      const ended = [guest.person, waiting].map(
        ({ room }) => new Promise((resolve) => room.on(RoomEvent.Disconnected, resolve)),
      );
      expect(await ask('DELETE', roomId, hostKey)).toMatchObject({ status: 204 });
      expect(await Promise.all(ended)).toEqual([
        DisconnectReason.ROOM_DELETED,
        DisconnectReason.ROOM_DELETED,
      ]);
    });

    it('a recording that no Egress service takes is refused in words', async () => {
      const { roomId, hostKey } = await newRoom();
      await joined(roomId, { name: 'Ana', hostKey });
      expect(await ask('POST', `${roomId}/recording`, hostKey)).toMatchObject({
        status: 502,
        json: { detail: expect.stringContaining('recording service') },
      });
    });

    it('nothing of this is open to guests, or about people who are not there', async () => {
      const { roomId, hostKey } = await newRoom();
      const guest = (await join(roomId, { name: 'Bo' })).json.captionsToken;
      const attempts = [
        ['PUT', `${roomId}/access`, { access: 'locked' }],
        ['GET', `${roomId}/waiting`],
        ['POST', `${roomId}/waiting`, { decision: 'admit' }],
        ['POST', `${roomId}/mute`, {}],
        ['POST', `${roomId}/participants/p-x/mute`, { source: 'microphone' }],
        ['DELETE', `${roomId}/participants/p-x`],
        ['DELETE', `${roomId}/participants/p-x/hand`],
        ['POST', `${roomId}/recording`],
        ['DELETE', roomId],
      ] as const;
      for (const [method, path, body] of attempts) {
        expect(await ask(method, path, guest, body), `${method} ${path}`).toMatchObject({ status: 403 });
      }
      const mute = `${roomId}/participants/p-x/mute`;
      expect(await ask('POST', mute, hostKey, { source: 'microphone' })).toMatchObject({ status: 404 });
      expect(await ask('POST', mute, hostKey, { source: 'ears' })).toMatchObject({
        status: 422,
        json: { field: '/source' },
      });
      expect(await ask('POST', `${roomId}/waiting`, hostKey, { decision: 'maybe' })).toMatchObject({
        status: 422,
        json: { field: '/decision' },
      });
      expect(await ask('PUT', `${roomId}/access`, hostKey, { access: 'ajar' })).toMatchObject({
        status: 422,
        json: { field: '/access' },
      });
      expect(
        await ask('POST', `${roomId}/waiting`, hostKey, { decision: 'admit', identity: 'p-x' }),
      ).toMatchObject({ status: 404 });
    });
  },
);
