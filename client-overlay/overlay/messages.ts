/** Every word that the element itself says, in French and English. */
import type { CaptionGap } from '../../protocol/caption-event.ts';
import type { PresetName } from './caption-colours.ts';
import type { StatusKind } from './status-message.ts';

export type InterfaceLanguage = 'fr' | 'en';

export interface Messages {
  readonly captions: string;
  readonly log: string;
  /** In the settings, to see what one chooses. */
  readonly sample: string;
  readonly status: Readonly<Record<StatusKind, string>>;
  readonly gap: (seconds: number, name: string | null) => string;
  readonly corrected: string;
  readonly settings: {
    readonly title: string;
    readonly size: string;
    readonly lines: string;
    readonly backgroundOpacity: string;
    readonly percent: (value: number) => string;
    readonly preset: string;
    readonly presets: Readonly<Record<PresetName, string>>;
    readonly announce: string;
    readonly reset: string;
    readonly close: string;
  };
}

const FRENCH: Messages = {
  captions: 'Sous-titres',
  log: 'Sous-titres terminés',
  sample: 'Voici vos sous-titres.',
  status: {
    none: '',
    starting: 'Les sous-titres démarrent…',
    'slow-start': 'Les sous-titres mettent plus de temps que d’habitude à démarrer…',
    listening: 'Sous-titres activés. Le texte s’affichera ici dès que quelqu’un parlera.',
    interrupted: 'Sous-titres interrompus. Reprise en cours…',
    unavailable: 'Les sous-titres ne sont pas disponibles pour le moment. Nouvel essai en cours…',
    off: 'L’hôte a désactivé les sous-titres de cette réunion.',
    'off-record': 'Hors enregistrement : rien n’est écouté, sous-titré ni conservé.',
    reconnecting: 'Connexion aux sous-titres perdue. Reconnexion…',
    unreachable: 'Les sous-titres sont injoignables. Nouvel essai en cours…',
    'token-needed': 'L’accès aux sous-titres a expiré. Renouvellement…',
    'room-closed': 'Les sous-titres de cette réunion sont terminés.',
    stopped: 'Les sous-titres se sont arrêtés à la suite d’une erreur. Désactivez-les puis réactivez-les.',
  },
  gap: (seconds, name) =>
    `${name === null ? 'Sous-titres interrompus ici' : `Sous-titres de ${name} interrompus ici`} · ${seconds} s ${
      seconds > 1 ? 'manquantes' : 'manquante'
    }`,
  corrected: 'corrigé',
  settings: {
    title: 'Réglages des sous-titres',
    size: 'Taille du texte',
    lines: 'Nombre de lignes',
    backgroundOpacity: 'Opacité du fond',
    percent: (value) => `${value}\u00a0%`,
    preset: 'Couleurs',
    presets: {
      'light-on-dark': 'Clair sur sombre',
      'white-on-black': 'Blanc sur noir',
      'yellow-on-black': 'Jaune sur noir',
      'dark-on-light': 'Sombre sur clair',
    },
    announce: 'Lecture par le lecteur d’écran',
    reset: 'Réinitialiser',
    close: 'Fermer',
  },
};

const ENGLISH: Messages = {
  captions: 'Captions',
  log: 'Finished captions',
  sample: 'This is how captions look.',
  status: {
    none: '',
    starting: 'Captions are starting…',
    'slow-start': 'Captions are taking longer than usual to start…',
    listening: 'Captions are on. Text will appear here when somebody speaks.',
    interrupted: 'Captions are interrupted. Resuming…',
    unavailable: 'Captions are not available at the moment. Trying again…',
    off: 'The host has switched captions off for this meeting.',
    'off-record': 'Off the record: nothing is heard, captioned or kept.',
    reconnecting: 'Connection to the captions lost. Reconnecting…',
    unreachable: 'Captions cannot be reached. Trying again…',
    'token-needed': 'Access to the captions has expired. Renewing it…',
    'room-closed': 'The captions of this meeting have ended.',
    stopped: 'Captions stopped because of an error. Switch them off and on again.',
  },
  gap: (seconds, name) =>
    `${name === null ? 'Captions' : `Captions of ${name}`} were interrupted here · ${seconds} s missing`,
  corrected: 'corrected',
  settings: {
    title: 'Caption settings',
    size: 'Text size',
    lines: 'Number of lines',
    backgroundOpacity: 'Background opacity',
    percent: (value) => `${value}%`,
    preset: 'Colours',
    presets: {
      'light-on-dark': 'Light on dark',
      'white-on-black': 'White on black',
      'yellow-on-black': 'Yellow on black',
      'dark-on-light': 'Dark on light',
    },
    announce: 'Read out by screen readers',
    reset: 'Reset',
    close: 'Close',
  },
};

export function messagesIn(language: InterfaceLanguage): Messages {
  return language === 'fr' ? FRENCH : ENGLISH;
}

/** The first of these BCP 47 tags that is French or English; English when none is. */
export function interfaceLanguage(...tags: readonly (string | null | undefined)[]): InterfaceLanguage {
  for (const tag of tags) {
    const primary = tag?.toLowerCase().split('-')[0];
    if (primary === 'fr' || primary === 'en') return primary;
  }
  return 'en';
}

/** Whole seconds, at least 1: a gap of "0 s" would look like none. */
export function gapText(messages: Messages, gap: CaptionGap, name: string | null): string {
  return messages.gap(Math.max(1, Math.round((gap.toMs - gap.fromMs) / 1_000)), name);
}
