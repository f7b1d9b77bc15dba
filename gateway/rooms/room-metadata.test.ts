import { describe, expect, it } from 'vitest';
import { RoomMetadataWriter, readRoomMetadata, writeRoomMetadata } from './room-metadata.ts';

describe('room metadata', () => {
  it('is read as it was written', () => {
    const settings = { language: 'fr', captions: 'always', access: 'open' } as const;
    expect(readRoomMetadata(writeRoomMetadata(settings))).toEqual(settings);
  });

  it('keeps both of two changes that were asked for at the same time', async () => {
    let metadata = '{"language":"fr","captions":"on-demand"}';
    const writer = new RoomMetadataWriter({
      list: async () => [{ room: 'r', participants: 1, metadata }],
      setMetadata: async (_room, written) => {
        metadata = written;
      },
    });
    await Promise.all([writer.change('r', { live: true }), writer.change('r', { captions: 'always' })]);
    expect(readRoomMetadata(metadata)).toEqual({ language: 'fr', captions: 'always', live: true });
  });

  it('of another product, or broken, says nothing', () => {
    for (const metadata of ['', 'null', '[]', '{', '{"language":"de","captions":1}']) {
      expect(readRoomMetadata(metadata)).toEqual({});
    }
  });
});
