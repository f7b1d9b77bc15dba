/** A person captions a room over HTTP: what viewers get, in place of the machine, through a real gateway. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptionEvent } from '../protocol/caption-event.ts';
import type { CaptionerInvitation, FeedResponse } from '../protocol/captioner-api.ts';
import { CAPTIONS_AUDIENCE } from '../protocol/connection.ts';
import type { CreateRoomResponse } from '../protocol/room-api.ts';
import { CaptionViewer } from './support/caption-viewer.ts';
import { inOneHour, postJson, startTestGateway, type TestGateway } from './support/start-gateway.ts';
import { appendedText, live, openedUtterance, UplinkAgent } from './support/uplink-agent.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

async function ask(method: string, path: string, bearer: string | undefined, body?: unknown) {
  const response = await fetch(gateway.httpUrl + path, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? null : JSON.parse(text) };
}

/** A room with somebody who reads and somebody who writes. */
async function captionedRoom(invitation: Record<string, unknown> = { name: 'Chloé, vélotypiste' }) {
  const { roomId, hostKey } = await postJson<CreateRoomResponse>(`${gateway.httpUrl}/api/rooms`, {});
  const room = `/api/rooms/${roomId}`;
  const invited = await ask('POST', `${room}/captioners`, hostKey, invitation);
  const { captionerToken, feedPath } = invited.json as CaptionerInvitation;
  const viewer = await CaptionViewer.join(
    gateway.socketUrl,
    gateway.sign({ aud: CAPTIONS_AUDIENCE, sub: 'p-1', room: roomId, exp: inOneHour() }),
  );
  const write = (post: Record<string, unknown>) => ask('POST', feedPath, captionerToken, post);
  const setWriting = (writing: boolean) => ask('PUT', `${room}/captioner`, captionerToken, { writing });
  return { roomId, room, hostKey, captionerToken, viewer, write, setWriting };
}

const written = (events: readonly CaptionEvent[]) =>
  events.filter(({ type }) => ['opened', 'appended', 'closed', 'restored'].includes(type));
const textOf = (events: readonly CaptionEvent[]): string =>
  events.map((event) => (event.type === 'appended' || event.type === 'restored' ? event.text : '')).join('');

describe('a captioner’s line', () => {
  it('reaches viewers as a human utterance under the captioner’s name, and the history of who comes later', async () => {
    const { viewer, write, roomId } = await captionedRoom();
    const { status, json } = await write({ sequence: 1, text: 'Bonjour à tous.', language: 'fr' });
    expect({ status, json }).toEqual({
      status: 200,
      json: { sequence: 1, duplicate: false, missing: 0 } satisfies FeedResponse,
    });
    await viewer.untilEvent(({ type }) => type === 'closed');
    expect(written(viewer.events)).toMatchObject([
      { type: 'opened', source: 'human', language: 'fr', speaker: { name: 'Chloé, vélotypiste' } },
      { type: 'appended', offset: 0, text: 'Bonjour à tous.' },
      { type: 'closed', length: 15 },
    ]);
    const late = await CaptionViewer.join(
      gateway.socketUrl,
      gateway.sign({ aud: CAPTIONS_AUDIENCE, sub: 'p-2', room: roomId, exp: inOneHour() }),
    );
    expect(late.welcome.events).toMatchObject([
      { type: 'restored', source: 'human', text: 'Bonjour à tous.', revision: 0 },
      { type: 'status', state: 'live' },
    ]);
    await Promise.all([viewer.close(), late.close()]);
  });

  it('grows word by word while it is not ended, and begins anew where another speaker is named', async () => {
    const { viewer, write } = await captionedRoom();
    await write({ sequence: 1, text: ' So', language: 'en', end: false, speaker: 'Ana' });
    await write({ sequence: 2, text: ' we', end: false });
    await write({ sequence: 3, text: ' agree?', end: false });
    await write({ sequence: 4, text: 'Yes.', language: 'en', speaker: 'Bo' });
    await viewer.untilEvent((event) => event.type === 'appended' && event.text === 'Yes.');
    expect(await write({ sequence: 5, text: '' })).toMatchObject({ status: 422, json: { field: '/text' } });
    await write({ sequence: 5, text: 'Then', language: 'en', end: false });
    expect(await write({ sequence: 6, text: '' })).toMatchObject({ status: 200 });
    await viewer.inbox.until(() => viewer.events.filter(({ type }) => type === 'closed').length === 3);
    const events = written(viewer.events);
    expect(events.map(({ type }) => type)).toEqual([
      ...['opened', 'appended', 'appended', 'appended', 'closed'],
      ...['opened', 'appended', 'closed'],
      ...['opened', 'appended', 'closed'],
    ]);
    expect(textOf(events)).toBe('So we agree?Yes.Then');
    const speakers = events.flatMap((event) => (event.type === 'opened' ? [event.speaker] : []));
    expect(speakers.map(({ name }) => name)).toEqual(['Ana', 'Bo', 'Chloé, vélotypiste']);
    expect(speakers[0]?.identity).not.toBe(speakers[1]?.identity);
    await viewer.close();
  });

  it('that is sent twice changes nothing', async () => {
    const { viewer, write } = await captionedRoom();
    await write({ sequence: 1, text: 'Une fois.' });
    const again = await write({ sequence: 1, text: 'Une fois.' });
    expect(again.json).toEqual({ sequence: 1, duplicate: true, missing: 0 });
    await write({ sequence: 2, text: 'Fin.' });
    await viewer.untilEvent((event) => event.type === 'appended' && event.text === 'Fin.');
    expect(textOf(viewer.events)).toBe('Une fois.Fin.');
    await viewer.close();
  });

  it('after a number that never came is told with a gap, to the writer too', async () => {
    const { viewer, write } = await captionedRoom();
    await write({ sequence: 1, text: 'Un.' });
    expect((await write({ sequence: 4, text: 'Quatre.' })).json).toEqual({
      sequence: 4,
      duplicate: false,
      missing: 2,
    });
    await viewer.untilEvent(({ type }) => type === 'gap');
    expect(viewer.events.find(({ type }) => type === 'gap')).toMatchObject({ reason: 'captions-lost' });
    await viewer.close();
  });

  it('is corrected as a whole, marked by a higher revision, also while it is still open', async () => {
    const { viewer, write } = await captionedRoom();
    await write({ sequence: 1, text: 'Le bugdet' });
    await write({ sequence: 2, text: 'Le budget', corrects: 1 });
    await write({ sequence: 3, text: 'est', end: false });
    await write({ sequence: 4, text: ' vodé', end: false });
    await write({ sequence: 5, text: 'est voté', corrects: 4 });
    await write({ sequence: 6, text: 'Le budget 2027', corrects: 2 });
    await viewer.untilEvent((event) => event.type === 'restored' && event.revision === 2);
    const restored = viewer.events.flatMap((event) => (event.type === 'restored' ? [event] : []));
    expect(restored.map(({ text, revision, source }) => [text, revision, source])).toEqual([
      ['Le budget', 1, 'human'],
      ['est voté', 1, 'human'],
      ['Le budget 2027', 2, 'human'],
    ]);
    expect(restored[0]?.wordTimes).toHaveLength(4);
    expect(restored[1]?.endMs).not.toBeNull();
    expect(await write({ sequence: 7, text: 'x', corrects: 99 })).toMatchObject({
      status: 422,
      json: { field: '/corrects' },
    });
    await viewer.close();
  });
});

describe('while a person writes', () => {
  it('the machine is kept back, and comes again when the person stops', async () => {
    const { viewer, write, setWriting, roomId } = await captionedRoom();
    const agent = await UplinkAgent.connect(gateway.socketUrl, gateway.uplinkToken());
    agent.frame(roomId, 1, [live(1), openedUtterance(1), appendedText(1, 0, 'machine un')]);
    await viewer.untilEvent(({ type }) => type === 'appended');
    await setWriting(true);
    await viewer.untilEvent(({ type }) => type === 'closed');
    agent.frame(roomId, 2, [appendedText(1, 10, ' machine deux'), openedUtterance(2)]);
    agent.frame(roomId, 3, [appendedText(2, 0, 'machine trois')]);
    await agent.acked(roomId, 3);
    await write({ sequence: 1, text: 'Humain.' });
    await setWriting(false);
    agent.frame(roomId, 4, [appendedText(2, 13, ' machine quatre')]);
    await viewer.untilEvent((event) => event.type === 'appended' && event.text.includes('quatre'));
    expect(textOf(viewer.events)).toBe('machine unHumain.machine quatre');
    await Promise.all([viewer.close(), agent.die()]);
  });

  it('only the speaker chosen by the host is kept back, and the words stand under that speaker', async () => {
    const { viewer, write, roomId } = await captionedRoom({
      name: 'Chloé',
      speaker: { identity: 'p-ana', name: 'Ana' },
    });
    await write({ sequence: 1, text: 'Ana parle.' });
    const agent = await UplinkAgent.connect(gateway.socketUrl, gateway.uplinkToken());
    const other = openedUtterance(2);
    if (other.type !== 'opened') throw new Error('expected an opened event');
    const bo: CaptionEvent = { ...other, speaker: { identity: 'p-bo', name: 'Bo', trackSid: 'TR_bo' } };
    agent.frame(roomId, 1, [live(1), openedUtterance(1), appendedText(1, 0, 'machine Ana'), bo]);
    agent.frame(roomId, 2, [appendedText(2, 0, 'Bo parle.')]);
    await viewer.untilEvent((event) => event.type === 'appended' && event.text === 'Bo parle.');
    expect(textOf(viewer.events)).toBe('Ana parle.Bo parle.');
    expect(viewer.events.find((event) => event.type === 'opened')).toMatchObject({
      source: 'human',
      speaker: { identity: 'p-ana', name: 'Ana' },
    });
    await Promise.all([viewer.close(), agent.die()]);
  });

  it('viewers see that the room is captioned, with or without an agent', async () => {
    const { viewer, setWriting } = await captionedRoom();
    await viewer.untilState('unavailable');
    await setWriting(true);
    await viewer.untilState('live');
    await setWriting(false);
    await viewer.inbox.until(
      () => viewer.events.filter((event) => event.type === 'status').at(-1)?.state === 'unavailable',
    );
    await viewer.close();
  });
});

describe('the feed refuses', () => {
  it('bad input, with the field at fault', async () => {
    const { write, viewer } = await captionedRoom();
    expect(await write({ text: 'x' })).toMatchObject({ status: 422, json: { field: '/sequence' } });
    expect(await write({ sequence: 0, text: 'x' })).toMatchObject({
      status: 422,
      json: { field: '/sequence' },
    });
    expect(await write({ sequence: 1 })).toMatchObject({ status: 422, json: { field: '/text' } });
    expect(await write({ sequence: 1, text: ' \u200b ' })).toMatchObject({
      status: 422,
      json: { field: '/text' },
    });
    expect(await write({ sequence: 1, text: 'x'.repeat(1_001) })).toMatchObject({
      status: 422,
      json: { field: '/text' },
    });
    expect(await write({ sequence: 1, text: 'x', language: 'de' })).toMatchObject({
      status: 422,
      json: { field: '/language' },
    });
    expect(await write({ sequence: 1, text: 'x', speaker: ' ' })).toMatchObject({
      status: 422,
      json: { field: '/speaker' },
    });
    await viewer.close();
  });

  it('whoever was not invited to this room', async () => {
    const { room, roomId, hostKey, captionerToken, viewer } = await captionedRoom();
    const line = { sequence: 1, text: 'x' };
    expect(await ask('POST', `${room}/captions`, undefined, line)).toMatchObject({ status: 401 });
    expect(await ask('POST', `${room}/captions`, 'x.y.z', line)).toMatchObject({ status: 401 });
    const participant = gateway.sign({
      aud: CAPTIONS_AUDIENCE,
      sub: 'p-1',
      room: roomId,
      exp: inOneHour(),
    });
    expect(await ask('POST', `${room}/captions`, participant, line)).toMatchObject({ status: 403 });
    const other = await captionedRoom();
    expect(await ask('POST', `${other.room}/captions`, captionerToken, line)).toMatchObject({ status: 403 });
    expect(await ask('POST', `${room}/captioners`, captionerToken, { name: 'x' })).toMatchObject({
      status: 403,
    });
    expect(await ask('POST', `${room}/captioners`, hostKey, { name: ' ' })).toMatchObject({
      status: 422,
      json: { field: '/name' },
    });
    await Promise.all([viewer.close(), other.viewer.close()]);
  });

  it('rooms in which the host has switched captions off', async () => {
    const { roomId, hostKey } = await postJson<CreateRoomResponse>(`${gateway.httpUrl}/api/rooms`, {
      captions: 'off',
    });
    const invited = await ask('POST', `/api/rooms/${roomId}/captioners`, hostKey, { name: 'Chloé' });
    const { captionerToken, feedPath } = invited.json as CaptionerInvitation;
    expect(await ask('POST', feedPath, captionerToken, { sequence: 1, text: 'x' })).toMatchObject({
      status: 409,
    });
  });
});
