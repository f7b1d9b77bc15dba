import { describe, expect, it } from 'vitest';
import { readRoomMetadata, writeRoomMetadata } from './room-metadata.ts';

describe('room metadata', () => {
  it('is read as it was written', () => {
    const settings = { language: 'fr', captions: 'always' } as const;
    expect(readRoomMetadata(writeRoomMetadata(settings))).toEqual(settings);
  });

  it('of another product, or broken, says nothing', () => {
    for (const metadata of ['', 'null', '[]', '{', '{"language":"de","captions":1}']) {
      expect(readRoomMetadata(metadata)).toEqual({});
    }
  });
});
