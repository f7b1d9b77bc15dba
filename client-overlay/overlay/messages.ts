/** Every word that the element itself says, in French and English. */
import type { CaptionGap } from '../../protocol/caption-event.ts';
import type { EdgeName, Legibility, PresetName } from './caption-colours.ts';
import type { FontName, Placement } from './caption-preferences.ts';
import type { StatusKind } from './status-message.ts';

export type InterfaceLanguage = 'fr' | 'en';

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
  lost: (since) => `Connexion perdue · rien de nouveau depuis ${since}`,
  corrected: 'corrigé',
  human: 'Saisie humaine',
  close: 'Fermer',
  percent: (value) => `${value}\u00a0%`,
  settings: {
    title: 'Réglages des sous-titres',
    look: 'Apparence',
    size: 'Taille du texte',
    lines: 'Nombre de lignes',
    lineLength: 'Caractères par ligne',
    font: 'Police',
    fonts: {
      page: 'Celle de la page',
      sans: 'Sans empattement',
      legible: 'Très lisible',
      serif: 'Avec empattement',
      mono: 'Chasse fixe',
      casual: 'Décontractée',
    },
    preset: 'Couleurs',
    presets: {
      'light-on-dark': 'Clair sur sombre',
      'white-on-black': 'Blanc sur noir',
      'yellow-on-black': 'Jaune sur noir',
      'dark-on-light': 'Sombre sur clair',
    },
    textColour: 'Couleur du texte',
    backgroundColour: 'Couleur du fond',
    textOpacity: 'Opacité du texte',
    backgroundOpacity: 'Opacité du fond',
    edge: 'Contour des lettres',
    edges: {
      soft: 'Halo léger',
      none: 'Aucun',
      outline: 'Contour net',
      shadow: 'Ombre portée',
      raised: 'Relief',
      depressed: 'Creux',
    },
    legible: (ratio) => `Contraste ${ratio}\u00a0: lisible`,
    illegible: {
      colours: (ratio) =>
        `Contraste ${ratio}\u00a0: ces deux couleurs sont trop proches pour être lues (4,5 au moins).`,
      background: (ratio) =>
        `Contraste ${ratio} sur certaines images\u00a0: rendez le fond plus opaque, ou choisissez un contour net.`,
      text: (ratio) => `Contraste ${ratio}\u00a0: rendez le texte plus opaque.`,
    },
    placement: 'Emplacement',
    placements: { overlay: 'Sur l’image', docked: 'Sous l’image', floating: 'Libre' },
    pinned: 'Toujours afficher',
    nobody: 'Personne en particulier',
    announce: 'Lecture par le lecteur d’écran',
    reset: 'Réinitialiser',
    save: 'Exporter les réglages',
    load: 'Importer…',
    loaded: 'Réglages importés.',
    notLoaded: 'Ce fichier ne contient pas de réglages de sous-titres.',
    about: 'À propos de ces sous-titres',
    purpose:
      'La parole est transcrite pendant la réunion pour que chacun puisse suivre. La transcription automatique peut se tromper.',
    kept: (retentionS) =>
      retentionS <= 0
        ? 'Le texte n’est pas conservé.'
        : `Le texte est conservé ${frenchDuration(retentionS)} au plus, puis effacé.`,
    offRecord: 'Hors enregistrement',
  },
  move: {
    title: 'Déplacer les sous-titres',
    how: 'Glissez, ou utilisez les flèches. Maj + flèches change la largeur.',
    left: 'Vers la gauche',
    right: 'Vers la droite',
    up: 'Vers le haut',
    down: 'Vers le bas',
    narrower: 'Moins large',
    wider: 'Plus large',
    back: 'Remettre en place',
    done: 'Terminé',
  },
  popOut: {
    open: 'Dans une fenêtre',
    title: 'Sous-titres',
    elsewhere: 'Les sous-titres sont dans leur propre fenêtre.',
    close: 'Les ramener ici',
    blocked: 'Le navigateur a bloqué la fenêtre. Autorisez-la pour ce site.',
  },
  pins: {
    title: 'Phrases épinglées',
    pin: 'Épingler cette phrase',
    unpin: 'Détacher cette phrase',
    unpinSpeaker: (name) => `Ne plus toujours afficher ${name}`,
  },
  transcript: {
    title: 'Transcription',
    empty: 'Rien n’a encore été dit.',
    search: 'Rechercher',
    speaker: 'Qui parle',
    everybody: 'Tout le monde',
    found: (count) => (count === 0 ? 'Aucun passage' : count === 1 ? '1 passage' : `${count} passages`),
    show: 'Voir dans la transcription',
    lastRead: 'Lu jusqu’ici',
    toLastRead: 'Où j’en étais',
    backToLive: (news) => (news === 0 ? 'Revenir au direct' : `Revenir au direct · ${news} de plus`),
    save: 'Enregistrer',
    format: 'Format',
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
  lost: (since) => `Connection lost · nothing new since ${since}`,
  corrected: 'corrected',
  human: 'Human',
  close: 'Close',
  percent: (value) => `${value}%`,
  settings: {
    title: 'Caption settings',
    look: 'Look',
    size: 'Text size',
    lines: 'Number of lines',
    lineLength: 'Characters in a line',
    font: 'Font',
    fonts: {
      page: 'As the page',
      sans: 'Sans serif',
      legible: 'Highly legible',
      serif: 'Serif',
      mono: 'Fixed width',
      casual: 'Casual',
    },
    preset: 'Colours',
    presets: {
      'light-on-dark': 'Light on dark',
      'white-on-black': 'White on black',
      'yellow-on-black': 'Yellow on black',
      'dark-on-light': 'Dark on light',
    },
    textColour: 'Text colour',
    backgroundColour: 'Background colour',
    textOpacity: 'Text opacity',
    backgroundOpacity: 'Background opacity',
    edge: 'Edge of letters',
    edges: {
      soft: 'Soft glow',
      none: 'None',
      outline: 'Outline',
      shadow: 'Drop shadow',
      raised: 'Raised',
      depressed: 'Depressed',
    },
    legible: (ratio) => `Contrast ${ratio}: readable`,
    illegible: {
      colours: (ratio) => `Contrast ${ratio}: these two colours are too alike to be read (at least 4.5).`,
      background: (ratio) =>
        `Contrast ${ratio} over some pictures: make the background more opaque, or choose an outline.`,
      text: (ratio) => `Contrast ${ratio}: make the text more opaque.`,
    },
    placement: 'Place',
    placements: { overlay: 'Over the picture', docked: 'Below it', floating: 'Anywhere' },
    pinned: 'Always show',
    nobody: 'Nobody in particular',
    announce: 'Read out by screen readers',
    reset: 'Reset',
    save: 'Export settings',
    load: 'Import…',
    loaded: 'Settings imported.',
    notLoaded: 'This file holds no caption settings.',
    about: 'About these captions',
    purpose:
      'Speech is written down during the meeting so that everybody can follow. Automatic captions can be wrong.',
    kept: (retentionS) =>
      retentionS <= 0
        ? 'The text is not kept.'
        : `The text is kept for ${englishDuration(retentionS)} at most, then erased.`,
    offRecord: 'Off the record',
  },
  move: {
    title: 'Move captions',
    how: 'Drag, or use the arrow keys. Shift and arrows change the width.',
    left: 'Left',
    right: 'Right',
    up: 'Up',
    down: 'Down',
    narrower: 'Narrower',
    wider: 'Wider',
    back: 'Put back',
    done: 'Done',
  },
  popOut: {
    open: 'In a window',
    title: 'Captions',
    elsewhere: 'Captions are in their own window.',
    close: 'Bring them back',
    blocked: 'The browser blocked the window. Allow it for this site.',
  },
  pins: {
    title: 'Pinned lines',
    pin: 'Pin this line',
    unpin: 'Unpin this line',
    unpinSpeaker: (name) => `Stop always showing ${name}`,
  },
  transcript: {
    title: 'Transcript',
    empty: 'Nothing has been said yet.',
    search: 'Search',
    speaker: 'Speaker',
    everybody: 'Everybody',
    found: (count) => (count === 0 ? 'No passage' : count === 1 ? '1 passage' : `${count} passages`),
    show: 'Show in the transcript',
    lastRead: 'Read up to here',
    toLastRead: 'Where I was',
    backToLive: (news) => (news === 0 ? 'Back to live' : `Back to live · ${news} new`),
    save: 'Save',
    format: 'Format',
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

function frenchDuration(seconds: number): string {
  if (seconds < 120) return `${seconds} secondes`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3_600)} heures`;
}

function englishDuration(seconds: number): string {
  if (seconds < 120) return `${seconds} seconds`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3_600)} hours`;
}
