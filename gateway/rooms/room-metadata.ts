/** What a LiveKit room carries for us in its metadata: {"language":"auto","captions":"on-demand"}. */
import { Value } from 'typebox/value';
import { CaptionMode, RoomLanguage } from '../../protocol/room-api.ts';
import type { RoomSettings } from './room-id.ts';

export function writeRoomMetadata({ language, captions }: RoomSettings): string {
  return JSON.stringify({ language, captions });
}

/** Only what is there and valid; another product's metadata is not ours to complain about. */
export function readRoomMetadata(metadata: string): Partial<RoomSettings> {
  try {
    const parsed: unknown = JSON.parse(metadata);
    if (typeof parsed !== 'object' || parsed === null) return {};
    const { language, captions } = parsed as Record<string, unknown>;
    return {
      ...(Value.Check(RoomLanguage, language) ? { language } : {}),
      ...(Value.Check(CaptionMode, captions) ? { captions } : {}),
    };
  } catch {
    return {};
  }
}
