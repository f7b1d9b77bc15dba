import { expect, it } from 'vitest';
import { createLog } from './log.ts';

it('writes neither names nor tokens nor whole room ids', () => {
  const lines: string[] = [];
  const log = createLog('test', 'info', { write: (line) => lines.push(line) });
  const room = 'ya36-yjbl-sbny-22u6-algw';
  log.info({ room, name: 'Ada', token: 'eyJ', text: 'hello', viewers: 3 }, 'room is captioned');
  log.child({ room }).info('left room');
  const written = { level: 'info', time: expect.any(String), process: 'test', room: 'ya36-yjbl…' };
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { ...written, viewers: 3, message: 'room is captioned' },
    { ...written, message: 'left room' },
  ]);
});
