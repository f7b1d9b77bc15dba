/** Every word of the status page, in French and English. */
import type { InterfaceLanguage } from '../overlay/interface-language.ts';
import type { SourceProblem } from './status-source.ts';

export interface Messages {
  readonly title: string;
  readonly otherLanguage: string;
  readonly signIn: {
    readonly explanation: string;
    readonly token: string;
    readonly submit: string;
    readonly leave: string;
  };
  readonly problems: Readonly<Record<SourceProblem, string>>;
  readonly node: (name: string, since: string) => string;
  readonly waiting: string;
  readonly draining: string;
  readonly latency: {
    readonly heading: string;
    readonly explanation: string;
    readonly half: string;
    readonly nearlyAll: string;
    readonly none: string;
    readonly chart: (p50: string, p95: string) => string;
  };
  readonly stages: {
    readonly heading: string;
    readonly explanation: string;
    readonly stage: string;
    readonly names: Readonly<Record<string, string>>;
  };
  readonly load: {
    readonly heading: string;
    readonly rooms: string;
    readonly viewers: string;
    readonly agents: string;
    readonly microphones: string;
    readonly slots: string;
    readonly slotsTaken: (used: number, all: number) => string;
    readonly buffered: string;
  };
  readonly losses: {
    readonly heading: string;
    readonly explanation: string;
    readonly what: string;
    readonly lastMinute: string;
    readonly sinceStart: string;
    readonly names: Readonly<Record<LossName, string>>;
  };
}

export const LOSS_NAMES = [
  'lostFrames',
  'incompleteRecoveries',
  'lostAudioS',
  'refusedMicrophones',
  'slowViewers',
  'refusals',
] as const;
export type LossName = (typeof LOSS_NAMES)[number];

const FRENCH: Messages = {
  title: 'État de Surtitre',
  otherLanguage: 'English',
  signIn: {
    explanation:
      'Cette page s’adresse à l’exploitant. Le jeton est gardé jusqu’à la fermeture de cet onglet.',
    token: 'Jeton d’exploitation',
    submit: 'Afficher l’état',
    leave: 'Se déconnecter',
  },
  problems: {
    refused: 'Ce jeton n’est pas celui de ce déploiement.',
    'not-configured': 'Ce déploiement n’a pas de jeton d’exploitation : définissez SURTITRE_OPERATOR_TOKEN.',
    unreachable: 'La passerelle ne répond pas. Nouvel essai en cours…',
  },
  node: (name, since) => `Passerelle ${name}, démarrée le ${since}`,
  waiting: 'Première lecture en cours…',
  draining: 'Cette passerelle s’arrête : ses lecteurs sont envoyés vers une autre.',
  latency: {
    heading: 'Du micro à l’écran',
    explanation:
      'Mesuré chez les lecteurs, sur la dernière minute. Objectif : la moitié des mots en 350 ms, 95 % en 600 ms.',
    half: 'La moitié des mots en',
    nearlyAll: '95 % des mots en',
    none: 'aucune mesure',
    chart: (p50, p95) => `Courbe des dix dernières minutes. À présent : médiane ${p50}, 95 % ${p95}.`,
  },
  stages: {
    heading: 'Étape par étape',
    explanation: 'Sur la dernière minute ; la courbe montre 95 % sur dix minutes.',
    stage: 'Étape',
    names: {
      rtp_pcm: 'Capture et réseau vers l’agent',
      queue: 'Attente du modèle',
      model: 'Reconnaissance',
      emit: 'Mise en forme',
      bus: 'Agent vers passerelle',
      fanout: 'Diffusion',
      socket_write: 'Écriture',
      transport: 'Passerelle vers lecteur',
      paint: 'Affichage',
    },
  },
  load: {
    heading: 'Charge',
    rooms: 'Réunions sous-titrées',
    viewers: 'Lecteurs',
    agents: 'Agents',
    microphones: 'Micros',
    slots: 'Voix en cours de sous-titrage',
    slotsTaken: (used, all) => `${used} sur ${all}`,
    buffered: 'Octets en attente chez des lecteurs lents',
  },
  losses: {
    heading: 'Pertes et refus',
    explanation: 'Zéro partout, sauf lecteurs lents et refus, qui dépendent aussi du réseau et des autres.',
    what: 'Quoi',
    lastMinute: 'Dernière minute',
    sinceStart: 'Depuis le démarrage',
    names: {
      lostFrames: 'Paquets de sous-titres perdus',
      incompleteRecoveries: 'Retours de lecteurs avec lacune',
      lostAudioS: 'Secondes de son non entendues',
      refusedMicrophones: 'Micros sans place',
      slowViewers: 'Lecteurs trop lents, reconnectés',
      refusals: 'Jetons, origines ou adresses refusés',
    },
  },
};

const ENGLISH: Messages = {
  title: 'Surtitre status',
  otherLanguage: 'Français',
  signIn: {
    explanation: 'This page is for operators. The token is kept until this tab is closed.',
    token: 'Operator’s token',
    submit: 'Show the status',
    leave: 'Sign out',
  },
  problems: {
    refused: 'This is not the token of this deployment.',
    'not-configured': 'This deployment has no operator’s token: set SURTITRE_OPERATOR_TOKEN.',
    unreachable: 'The gateway does not answer. Trying again…',
  },
  node: (name, since) => `Gateway ${name}, started ${since}`,
  waiting: 'Taking the first reading…',
  draining: 'This gateway is stopping: its readers are being moved to another one.',
  latency: {
    heading: 'From the microphone to the screen',
    explanation:
      'As readers measured it in the last minute. The aim: half of all words in 350 ms, 95% in 600 ms.',
    half: 'Half of all words in',
    nearlyAll: '95% of all words in',
    none: 'not measured',
    chart: (p50, p95) => `Curve of the last ten minutes. At present: median ${p50}, 95% ${p95}.`,
  },
  stages: {
    heading: 'Stage by stage',
    explanation: 'In the last minute; the curve shows 95% over ten minutes.',
    stage: 'Stage',
    names: {
      rtp_pcm: 'Capture and network to the agent',
      queue: 'Waiting for the model',
      model: 'Recognition',
      emit: 'Making captions',
      bus: 'Agent to gateway',
      fanout: 'Fan-out',
      socket_write: 'Writing',
      transport: 'Gateway to reader',
      paint: 'Painting',
    },
  },
  load: {
    heading: 'Load',
    rooms: 'Captioned meetings',
    viewers: 'Readers',
    agents: 'Agents',
    microphones: 'Microphones',
    slots: 'Voices being captioned',
    slotsTaken: (used, all) => `${used} of ${all}`,
    buffered: 'Bytes waiting for slow readers',
  },
  losses: {
    heading: 'Losses and refusals',
    explanation:
      'Zero everywhere, except slow readers and refusals, which also depend on networks and on others.',
    what: 'What',
    lastMinute: 'Last minute',
    sinceStart: 'Since the start',
    names: {
      lostFrames: 'Frames of captions lost',
      incompleteRecoveries: 'Readers that came back to a gap',
      lostAudioS: 'Seconds of sound not heard',
      refusedMicrophones: 'Microphones without a slot',
      slowViewers: 'Readers too slow, reconnected',
      refusals: 'Tokens, origins or addresses refused',
    },
  },
};

export function messagesIn(language: InterfaceLanguage): Messages {
  return language === 'fr' ? FRENCH : ENGLISH;
}
