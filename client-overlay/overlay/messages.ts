/** Every word that the element itself says. One file per language; a catalogue that lacks a word does not compile. */
import type { CaptionGap } from '../../protocol/caption-event.ts';
import type { EdgeName, Legibility, PresetName } from './caption-colours.ts';
import type { FontName, Placement } from './caption-preferences.ts';
import type { InterfaceLanguage } from './interface-language.ts';
import { messagesEn } from './messages-en.ts';
import { messagesFr } from './messages-fr.ts';
import type { StatusKind } from './status-message.ts';

export interface Messages {
  readonly captions: string;
  readonly log: string;
  /** In the settings, to see what one chooses. */
  readonly sample: string;
  readonly status: Readonly<Record<StatusKind, string>>;
  readonly gap: (seconds: number, name: string | null) => string;
  /** In place of a connection that is gone; the time since. */
  readonly lost: (since: string) => string;
  readonly corrected: string;
  /** Beside the name of a speaker whose words a person wrote. */
  readonly human: string;
  readonly close: string;
  readonly percent: (value: number) => string;
  readonly settings: {
    readonly title: string;
    readonly look: string;
    readonly size: string;
    readonly lines: string;
    readonly lineLength: string;
    readonly font: string;
    readonly fonts: Readonly<Record<FontName, string>>;
    readonly preset: string;
    readonly presets: Readonly<Record<PresetName, string>>;
    readonly textColour: string;
    readonly backgroundColour: string;
    readonly textOpacity: string;
    readonly backgroundOpacity: string;
    readonly edge: string;
    readonly edges: Readonly<Record<EdgeName, string>>;
    readonly legible: (ratio: string) => string;
    readonly illegible: Readonly<Record<Exclude<Legibility['problem'], 'none'>, (ratio: string) => string>>;
    readonly placement: string;
    readonly placements: Readonly<Record<Placement, string>>;
    readonly pinned: string;
    readonly nobody: string;
    readonly announce: string;
    readonly reset: string;
    readonly save: string;
    readonly load: string;
    readonly loaded: string;
    readonly notLoaded: string;
    readonly about: string;
    readonly purpose: string;
    readonly kept: (retentionS: number) => string;
    readonly offRecord: string;
  };
  readonly move: {
    readonly title: string;
    readonly how: string;
    readonly left: string;
    readonly right: string;
    readonly up: string;
    readonly down: string;
    readonly narrower: string;
    readonly wider: string;
    readonly back: string;
    readonly done: string;
  };
  readonly popOut: {
    readonly open: string;
    readonly title: string;
    readonly elsewhere: string;
    readonly close: string;
    readonly blocked: string;
  };
  readonly pins: {
    readonly title: string;
    readonly pin: string;
    readonly unpin: string;
    readonly unpinSpeaker: (name: string) => string;
  };
  readonly transcript: {
    readonly title: string;
    readonly empty: string;
    readonly search: string;
    readonly speaker: string;
    readonly everybody: string;
    readonly found: (count: number) => string;
    readonly show: string;
    readonly lastRead: string;
    readonly toLastRead: string;
    readonly backToLive: (news: number) => string;
    readonly save: string;
    readonly format: string;
  };
}

export function messagesIn(language: InterfaceLanguage): Messages {
  return language === 'fr' ? messagesFr : messagesEn;
}

/** Whole seconds, at least 1: a gap of "0 s" would look like none. */
export function gapText(messages: Messages, gap: CaptionGap, name: string | null): string {
  return messages.gap(Math.max(1, Math.round((gap.toMs - gap.fromMs) / 1_000)), name);
}
