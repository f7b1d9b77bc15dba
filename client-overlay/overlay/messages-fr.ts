/** What the element says in French. `\u00a0` is the no-break space before double punctuation. */
import type { Messages } from './messages.ts';

export const messagesFr: Messages = {
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
        : `Le texte est conservé ${duration(retentionS)} au plus, puis effacé.`,
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

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} secondes`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3_600)} heures`;
}
