import { captionerMessagesFr } from './captioner-messages-fr.ts';
import { hostMessagesFr } from './host-messages-fr.ts';
/** Every string a person sees, in French. `\u00a0` is the no-break space before double punctuation. */
import type { Messages } from './messages-en.ts';

const duration = (seconds: number): string => {
  const minutes = Math.round(seconds / 60);
  if (minutes < 2) return 'une minute environ';
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} heures`;
};

export const messagesFr: Messages = {
  ...hostMessagesFr,
  ...captionerMessagesFr,
  product: 'Surtitre',
  titles: {
    home: 'Surtitre · des réunions sous-titrées en direct',
    lobby: 'Rejoindre la réunion · Surtitre',
    room: 'Réunion · Surtitre',
    problem: 'Surtitre',
    captioner: 'Sous-titrage · Surtitre',
  },
  language: { label: 'Langue', fr: 'Français', en: 'English' },
  skipToContent: 'Aller au contenu',
  close: 'Fermer',

  home: {
    headline: 'Des réunions qui se lisent.',
    lead: 'Des réunions vidéo sous-titrées en direct, en français et en anglais. Chacun peut afficher les sous-titres, sans demander à personne.',
    start: 'Démarrer une réunion',
    starting: 'Création de la salle…',
    joinTitle: 'Rejoindre une réunion',
    joinLabel: 'Lien ou code',
    joinHint: 'L’adresse reçue, ou sa dernière partie.',
    joinMistake: 'Ce n’est pas un lien ni un code de réunion. Collez l’adresse complète que vous avez reçue.',
    join: 'Rejoindre',
    demo: 'Essayer la démonstration',
    demoHint: 'Des voix enregistrées parlent, vous lisez. Ni caméra ni micro nécessaires.',
    demoStarting: 'Préparation de la démonstration…',
    promises: [
      [
        'Fait ici',
        'La parole est transcrite sur les serveurs de l’organisme et n’est transmise à personne d’autre.',
      ],
      ['Qui dit quoi', 'Chaque ligne porte le nom de la personne qui parle.'],
      ['Un texte stable', 'Un mot que vous avez lu ne change pas sous vos yeux.'],
    ],
    sample: {
      first: { name: 'Camille', text: 'Le budget est prêt, je vous le partage' },
      second: { name: 'Noah', text: 'Merci. On le parcourt ensemble\u00a0?' },
    },
  },

  lobby: {
    title: 'Tout est prêt\u00a0?',
    name: 'Votre nom',
    nameHint: 'Les autres le verront, et vos paroles seront sous-titrées sous ce nom.',
    nameMissing: 'Indiquez le nom que les autres doivent voir.',
    join: 'Rejoindre la réunion',
    joining: 'Connexion…',
    alwaysCaptions: 'Afficher les sous-titres dès mon arrivée',
    guest: 'Invité',
    entering: 'Un instant…',
    preview: 'Aperçu de la caméra',
    microphone: 'Micro',
    camera: 'Caméra',
    microphoneOn: 'Couper le micro',
    microphoneOff: 'Activer le micro',
    cameraOn: 'Couper la caméra',
    cameraOff: 'Activer la caméra',
    level: 'Niveau du micro',
    deviceNumber: (kind, number) => `${kind} ${number}`,
    defaultDevice: 'Choix du système',
    notice:
      'Dans cette réunion, ce qui est dit peut être sous-titré pour être accessible à tous. Les sous-titres suivent la parole en direct\u00a0; ils ne sont pas un compte rendu.',
    testSpeaker: 'Tester le haut-parleur',
    testingSpeaker: 'Trois notes sont jouées…',
    speakerTested:
      'Si vous avez entendu trois notes, le son fonctionne. Sinon, choisissez un autre haut-parleur ou montez le volume.',
    speakerFailed: 'Les notes n’ont pas pu être jouées. Choisissez un autre haut-parleur.',
    retention: (seconds) =>
      `Ils sont effacés à la fin de la réunion, au plus tard après ${duration(seconds)}.`,
  },

  devices: {
    cameraStates: {
      off: 'Votre caméra est coupée',
      asking: 'En attente de la caméra…',
      missing: 'Aucune caméra trouvée. Vous pouvez participer sans.',
      refused:
        'La caméra est bloquée pour ce site. Vous pouvez participer sans, ou l’autoriser dans la barre d’adresse du navigateur.',
      busy: 'La caméra est utilisée par une autre application. Libérez-la, ou participez sans.',
      unsupported: 'Ce navigateur ne donne pas accès à une caméra ici. Vous pouvez participer sans.',
    },
    microphoneStates: {
      off: 'Votre micro est coupé.',
      asking: 'En attente du micro…',
      on: 'Dites quelques mots\u00a0: la barre doit bouger.',
      missing: 'Aucun micro trouvé. Vous pouvez participer, écouter, lire les sous-titres et écrire.',
      refused:
        'Le micro est bloqué pour ce site. Vous pouvez participer sans, ou l’autoriser dans la barre d’adresse du navigateur.',
      busy: 'Le micro est utilisé par une autre application. Libérez-le, ou participez sans.',
      unsupported: 'Ce navigateur ne donne pas accès à un micro ici. Vous pouvez écouter, lire et écrire.',
    },
    speaker: 'Haut-parleur',
  },

  room: {
    stage: 'Participants',
    captionsArea: 'Sous-titres',
    nameAndYou: (name) => `${name} (vous)`,
    screenOf: (name) => `Écran de ${name}`,
    yourScreen: 'Votre écran',
    muted: 'micro coupé',
    speaking: 'parle',
    pin: (name) => `Agrandir ${name}`,
    unpin: 'Revenir à tous les participants',
    pages: 'Pages de participants',
    page: (page, pages) => `Page ${page} sur ${pages}`,
    previousPage: 'Page précédente',
    nextPage: 'Page suivante',
    alone: 'Personne d’autre pour l’instant.',
    aloneHint: 'Envoyez-leur le lien.',
    weakConnection: 'connexion faible',
    lostConnection: 'connexion perdue',
    handRaised: (place) => `main levée, numéro ${place} dans l’ordre`,
    joined: (name) => `${name} a rejoint la réunion`,
    leftRoom: (name) => `${name} a quitté la réunion`,
    manyJoined: (count) => `${count} personnes sont arrivées`,
    manyLeft: (count) => `${count} personnes sont parties`,
    someone: 'Quelqu’un',
  },

  controls: {
    bar: 'Commandes de la réunion',
    microphoneOn: 'Couper le micro',
    microphoneOff: 'Activer le micro',
    cameraOn: 'Couper la caméra',
    cameraOff: 'Activer la caméra',
    shareOn: 'Arrêter le partage d’écran',
    shareOff: 'Partager l’écran',
    captionsOn: 'Sous-titres activés',
    captionsOff: 'Sous-titres désactivés',
    hideCaptions: 'Masquer les sous-titres',
    showCaptions: 'Afficher les sous-titres',
    handOn: 'Baisser la main',
    handOff: 'Lever la main',
    reactions: 'Réagir',
    shortcuts: 'Raccourcis clavier',
    chat: 'Discussion',
    chatUnread: (count) =>
      count === 1 ? 'Discussion, 1 message non lu' : `Discussion, ${count} messages non lus`,
    people: (count) => `Participants\u00a0: ${count}`,
    copyLink: 'Copier le lien de la réunion',
    settings: 'Réglages',
    more: 'Plus',
    leave: 'Quitter',
    labels: {
      microphone: 'Micro',
      camera: 'Caméra',
      share: 'Écran',
      captions: 'Sous-titres',
      hand: 'Main',
      reactions: 'Réagir',
      chat: 'Discussion',
      people: 'Participants',
      copyLink: 'Lien',
      settings: 'Réglages',
      more: 'Plus',
    },
  },

  notices: {
    title: 'Messages',
    linkCopied: 'Lien de la réunion copié.',
    linkNotCopied: (link) => `Le lien n’a pas pu être copié. Le voici\u00a0: ${link}`,
    captionsShown: 'Les sous-titres sont affichés.',
    captionsHidden: 'Les sous-titres sont masqués pour vous.',
    captionsActiveShort: 'Sous-titré en direct sur les serveurs de l’organisme.',
    captionsActive: 'Ce qui se dit ici est sous-titré en direct, pour que chacun puisse suivre.',
    aboutCaptions: 'À propos des sous-titres',
    captionsPurpose:
      'La parole est transcrite sur les serveurs de l’organisme pour que les personnes sourdes ou malentendantes, et toutes les autres, puissent suivre. Le son n’est pas conservé et rien n’est envoyé ailleurs.',
    offRecordByHost:
      'Si quelque chose ne doit pas être sous-titré, demandez à l’hôte de passer hors enregistrement.',
    offRecordSign: 'Hors enregistrement : rien n’est sous-titré ni conservé',
    yourConnectionWeak:
      'Votre connexion est faible. Si cela dure, coupez la caméra ou rapprochez-vous de la borne.',
    yourConnectionLost: 'Votre connexion ne transmet presque plus rien pour l’instant.',
    yourConnectionGood: 'Votre connexion est de nouveau bonne.',
    handRaised: (name) => `${name} lève la main`,
    yourHandLowered: 'Votre main est baissée.',
    handFailed: 'La main n’a pas pu être changée. Réessayez.',
    captionsKept: (seconds) =>
      `Les sous-titres sont effacés à la fin de la réunion, au plus tard après ${duration(seconds)}.`,
    reconnecting: 'Connexion perdue. Reconnexion…',
    reconnected: 'La connexion est rétablie.',
    soundBlocked: 'Le navigateur retient le son de cette réunion.',
    startSound: 'Activer le son',
    deviceFailed:
      'L’appareil n’a pas pu démarrer. Vérifiez qu’il est branché et qu’il n’est pas utilisé ailleurs.',
    microphoneRefused:
      'Le micro est bloqué pour ce site. Autorisez-le dans la barre d’adresse du navigateur, puis réessayez.',
    microphoneMissing: 'Aucun micro trouvé. Branchez-en un, puis réessayez.',
    cameraRefused:
      'La caméra est bloquée pour ce site. Autorisez-la dans la barre d’adresse du navigateur, puis réessayez.',
    cameraMissing: 'Aucune caméra trouvée. Branchez-en une, puis réessayez.',
    shareFailed: 'L’écran n’a pas pu être partagé.',
    demoFailed:
      'Les voix de démonstration ne sont pas venues. Les sous-titres fonctionnent aussi avec votre voix.',
    modeChanged: {
      'on-demand': 'Les sous-titres sont maintenant produits quand quelqu’un les demande.',
      always: 'Les sous-titres sont maintenant toujours produits dans cette salle.',
      off: 'Les sous-titres sont maintenant coupés pour toute la salle.',
    },
    dismiss: 'Fermer ce message',
  },

  captionDelays: {
    title: 'Avec quel retard\u00a0?',
    none: 'Rien à mesurer pour l’instant\u00a0: affichez les sous-titres et attendez que quelqu’un parle.',
    of: (words: number) =>
      words === 1 ? 'Du dernier mot affiché ici' : `Des ${words} derniers mots affichés ici`,
    half: 'La moitié en',
    most: '95\u00a0% en',
    stages: {
      recognised: 'Écoute et reconnaissance, depuis le début du mot',
      sent: 'Envoi',
      painted: 'Affichage, dans ce navigateur',
      total: 'Ensemble, sans le trajet sur le réseau',
    },
  },

  chat: {
    title: 'Discussion',
    empty: 'Aucun message. Ce que vous écrivez ici est vu par toute la réunion et disparaît avec elle.',
    label: 'Écrire un message',
    send: 'Envoyer',
    failed: 'Le message n’est pas parti. Réessayez.',
    from: (name, text) => `${name} écrit\u00a0: ${text}`,
    close: 'Fermer la discussion',
  },

  people: {
    title: 'Participants',
    close: 'Fermer la liste des participants',
    microphoneOn: 'micro actif',
    microphoneOff: 'micro coupé',
    host: 'hôte',
    captioner: 'sous-titreur',
    search: 'Chercher un nom',
    found: (count) => (count === 1 ? '1 personne trouvée' : `${count} personnes trouvées`),
    nobody: 'Personne de ce nom n’est là.',
    hands: 'Mains levées',
    everyone: 'Tout le monde',
    connections: {
      poor: 'connexion faible',
      lost: 'connexion perdue',
    },
  },

  settings: {
    title: 'Réglages',
    devices: 'Appareils',
    captions: 'Sous-titres',
    general: 'Général',
    alwaysCaptions: 'Toujours afficher les sous-titres quand je rejoins une réunion',
    shortcuts: 'Utiliser des touches seules pendant les réunions',
    shortcutsHint: 'Elles sont sans effet pendant que vous écrivez.',
    shortcutsList: 'Voir les touches',
    appearance: 'Apparence',
    appearances: { system: 'Comme l’ordinateur', light: 'Claire', dark: 'Sombre' },
    forEveryone: 'Sous-titres de cette salle',
    modes: {
      'on-demand': 'Quand quelqu’un les demande',
      always: 'Toujours',
      off: 'Coupés pour toute la salle',
    },
    noSpeakerChoice: 'Ce navigateur laisse le système choisir le haut-parleur.',
  },

  shortcuts: {
    title: 'Raccourcis clavier',
    off: 'Les touches seules sont désactivées dans les réglages.',
    keys: {
      m: 'Micro',
      v: 'Caméra',
      c: 'Sous-titres',
      h: 'Lever ou baisser la main',
      t: 'Ouvrir ou fermer la discussion',
      p: 'Ouvrir ou fermer la liste des participants',
      '?': 'Afficher cette liste',
    },
  },

  reactions: {
    title: 'Réactions',
    from: (name, reaction) => `${name} : ${reaction}`,
    names: {
      agree: 'd’accord',
      applause: 'applaudissements',
      heart: 'merci',
      laugh: 'rire',
      slower: 'moins vite, s’il vous plaît',
    },
  },

  left: {
    byChoice: 'Vous avez quitté la réunion.',
    lost: 'La connexion à la réunion est perdue.',
    lostHint: 'Vérifiez votre réseau, puis revenez.',
    elsewhere: 'Vous avez rejoint cette réunion depuis une autre fenêtre.',
    elsewhereHint: 'Elle continue là-bas.',
    removed: 'Votre accès à cette réunion a été retiré.',
    ended: 'La réunion est terminée.',
    refused: 'L’hôte ne vous a pas fait entrer.',
    refusedHint: 'Si vous pensez à une erreur, écrivez à l’hôte.',
    waitingEnded: 'Vous n’attendez plus.',
    rejoin: 'Rejoindre à nouveau',
    home: 'Retour à l’accueil',
  },

  problems: {
    unknownRoom: 'Cette réunion n’existe pas, ou elle est terminée.',
    unknownRoomHint: 'Vérifiez le lien reçu, ou démarrez une nouvelle réunion.',
    locked: 'L’hôte a verrouillé cette réunion.',
    lockedHint: 'Plus personne n’entre pour l’instant. Demandez à l’hôte d’ouvrir la salle, puis réessayez.',
    serviceUnreachable: 'Le service de réunion ne répond pas.',
    serviceUnreachableHint:
      'Vérifiez votre réseau. Si d’autres sites fonctionnent, le service est momentanément arrêté\u00a0: réessayez dans une minute.',
    mediaUnreachable: 'Le serveur vidéo est injoignable d’ici.',
    mediaUnreachableHint:
      'Un pare-feu ou un VPN le bloque peut-être. Réessayez, changez de réseau, ou transmettez ce message à votre assistance.',
    tooMany: 'Trop d’essais en peu de temps.',
    tooManyHint: 'Attendez une minute, puis réessayez.',
    failed: 'Une erreur s’est produite de notre côté.',
    failedHint: 'Réessayez. Si elle se répète, indiquez-en l’heure à votre assistance.',
    nowhere: 'Il n’y a pas de page à cette adresse.',
    nowhereHint: 'Un lien de réunion se termine par /r/ et un code.',
    retry: 'Réessayer',
    home: 'Retour à l’accueil',
  },
};
