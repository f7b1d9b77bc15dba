import { captionerMessagesEn } from './captioner-messages-en.ts';
import { hostMessagesEn } from './host-messages-en.ts';

/** Every string a person sees, in English. Its shape is the catalogue: another language that lacks one does not compile. */
const duration = (seconds: number): string => {
  const minutes = Math.round(seconds / 60);
  if (minutes < 2) return 'about a minute';
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
};

export const messagesEn = {
  ...hostMessagesEn,
  ...captionerMessagesEn,
  product: 'Surtitre',
  titles: {
    home: 'Surtitre · meetings with live captions',
    lobby: 'Join the meeting · Surtitre',
    room: 'Meeting · Surtitre',
    problem: 'Surtitre',
    captioner: 'Captioning · Surtitre',
  },
  language: { label: 'Language', fr: 'Français', en: 'English' },
  skipToContent: 'Skip to content',
  close: 'Close',

  home: {
    headline: 'Meetings you can read.',
    lead: 'Video meetings with live captions in French and English. Every participant can turn them on, without asking anyone.',
    start: 'Start a meeting',
    starting: 'Creating the room…',
    joinTitle: 'Join a meeting',
    joinLabel: 'Link or code',
    joinHint: 'The address you were sent, or its last part.',
    joinMistake: 'This is not a meeting link or code. Paste the whole address you were sent.',
    join: 'Join',
    demo: 'Try the demo',
    demoHint: 'Recorded voices speak; you read. No camera or microphone needed.',
    demoStarting: 'Preparing the demo…',
    promises: [
      ['Made here', 'Speech is turned into text on this organisation’s own servers and sent to no one else.'],
      ['Who says what', 'Each line carries the name of the person who speaks.'],
      ['Steady text', 'A word that you have read does not change under your eyes.'],
    ],
    sample: {
      first: { name: 'Camille', text: 'The budget is ready, I will share it' },
      second: { name: 'Noah', text: 'Thank you. Shall we go through it together?' },
    },
  },

  lobby: {
    title: 'Ready to join?',
    name: 'Your name',
    nameHint: 'The others will see it, and your words will be captioned under it.',
    nameMissing: 'Enter the name that the others should see.',
    join: 'Join the meeting',
    joining: 'Joining…',
    alwaysCaptions: 'Show captions as soon as I am in',
    guest: 'Guest',
    entering: 'One moment…',
    preview: 'Camera preview',
    microphone: 'Microphone',
    camera: 'Camera',
    microphoneOn: 'Turn the microphone off',
    microphoneOff: 'Turn the microphone on',
    cameraOn: 'Turn the camera off',
    cameraOff: 'Turn the camera on',
    level: 'Microphone level',
    deviceNumber: (kind: string, number: number) => `${kind} ${number}`,
    defaultDevice: 'System default',
    notice:
      'In this meeting, captions can be made of what is said, to make it accessible. They follow speech live and are not a record.',
    testSpeaker: 'Test the loudspeaker',
    testingSpeaker: 'Three tones are being played…',
    speakerTested:
      'If you heard three tones, the sound works. If not, choose another loudspeaker or turn it up.',
    speakerFailed: 'The tones could not be played. Choose another loudspeaker.',
    retention: (seconds: number) =>
      `They are deleted when the meeting ends, and after ${duration(seconds)} at the latest.`,
  },

  devices: {
    cameraStates: {
      off: 'Your camera is off',
      asking: 'Waiting for the camera…',
      missing: 'No camera found. You can join without one.',
      refused:
        'The camera is blocked for this site. You can join without it, or allow it in the browser’s address bar.',
      busy: 'The camera is in use by another application. Close it there, or join without it.',
      unsupported: 'This browser gives no access to a camera here. You can join without one.',
    },
    microphoneStates: {
      off: 'Your microphone is off.',
      asking: 'Waiting for the microphone…',
      on: 'Say something: the bar should move.',
      missing: 'No microphone found. You can join, listen, read captions and write in the chat.',
      refused:
        'The microphone is blocked for this site. You can join without it, or allow it in the browser’s address bar.',
      busy: 'The microphone is in use by another application. Close it there, or join without it.',
      unsupported: 'This browser gives no access to a microphone here. You can join, listen, read and write.',
    },
    speaker: 'Loudspeaker',
  },

  room: {
    stage: 'Participants',
    captionsArea: 'Captions',
    nameAndYou: (name: string) => `${name} (you)`,
    screenOf: (name: string) => `${name}’s screen`,
    yourScreen: 'Your screen',
    muted: 'microphone off',
    speaking: 'speaking',
    pin: (name: string) => `Enlarge ${name}`,
    unpin: 'Back to all participants',
    pages: 'Pages of participants',
    page: (page: number, pages: number) => `Page ${page} of ${pages}`,
    previousPage: 'Previous page',
    nextPage: 'Next page',
    alone: 'Nobody else is here yet.',
    aloneHint: 'Send them the link.',
    weakConnection: 'weak connection',
    lostConnection: 'connection lost',
    handRaised: (place: number) => `hand raised, number ${place} in the queue`,
    joined: (name: string) => `${name} joined`,
    leftRoom: (name: string) => `${name} left`,
    manyJoined: (count: number) => `${count} people joined`,
    manyLeft: (count: number) => `${count} people left`,
    someone: 'Somebody',
  },

  controls: {
    bar: 'Meeting controls',
    microphoneOn: 'Turn the mic off',
    microphoneOff: 'Turn the mic on',
    cameraOn: 'Turn the camera off',
    cameraOff: 'Turn the camera on',
    shareOn: 'Stop sharing the screen',
    shareOff: 'Share the screen',
    captionsOn: 'Captions on',
    captionsOff: 'Captions off',
    hideCaptions: 'Hide captions',
    showCaptions: 'Show captions',
    handOn: 'Lower the hand',
    handOff: 'Raise the hand',
    reactions: 'React',
    shortcuts: 'Keyboard shortcuts',
    chat: 'Chat',
    chatUnread: (count: number) =>
      count === 1 ? 'Chat, 1 unread message' : `Chat, ${count} unread messages`,
    people: (count: number) => `People: ${count}`,
    copyLink: 'Copy the meeting link',
    settings: 'Settings',
    more: 'More',
    leave: 'Leave',
    labels: {
      microphone: 'Mic',
      camera: 'Camera',
      share: 'Screen',
      captions: 'Captions',
      hand: 'Hand',
      reactions: 'React',
      chat: 'Chat',
      people: 'People',
      copyLink: 'Link',
      settings: 'Settings',
      more: 'More',
    },
  },

  notices: {
    title: 'Notices',
    linkCopied: 'Meeting link copied.',
    linkNotCopied: (link: string) => `The link could not be copied. Here it is: ${link}`,
    captionsShown: 'Captions are on.',
    captionsHidden: 'Captions are off for you.',
    captionsActiveShort: 'Captioned live on this organisation’s servers.',
    captionsActive: 'What is said here is captioned live, so that everyone can follow.',
    aboutCaptions: 'About the captions',
    captionsPurpose:
      'Speech is turned into text on this organisation’s own servers, so that deaf and hard-of-hearing people, and everyone else, can follow. The sound is not kept, and nothing is sent elsewhere.',
    offRecordByHost: 'If something should not be captioned, ask the host to go off the record.',
    offRecordSign: 'Off the record: nothing is captioned or kept',
    yourConnectionWeak:
      'Your connection is weak. If it goes on, turn your camera off or move closer to the router.',
    yourConnectionLost: 'Your connection hardly carries anything at the moment.',
    yourConnectionGood: 'Your connection is good again.',
    handRaised: (name: string) => `${name} raises a hand`,
    yourHandLowered: 'Your hand is lowered.',
    handFailed: 'The hand could not be changed. Try again.',
    captionsKept: (seconds: number) =>
      `Captions are deleted when the meeting ends, after ${duration(seconds)} at the latest.`,
    reconnecting: 'Connection lost. Reconnecting…',
    reconnected: 'You are connected again.',
    soundBlocked: 'The browser holds back the sound of this meeting.',
    startSound: 'Play sound',
    deviceFailed: 'The device could not be started. Check that it is plugged in and not used elsewhere.',
    microphoneRefused:
      'The microphone is blocked for this site. Allow it in the browser’s address bar, then try again.',
    microphoneMissing: 'No microphone found. Plug one in, then try again.',
    cameraRefused:
      'The camera is blocked for this site. Allow it in the browser’s address bar, then try again.',
    cameraMissing: 'No camera found. Plug one in, then try again.',
    shareFailed: 'The screen could not be shared.',
    demoFailed: 'The demo voices did not come. Captions work with your own voice all the same.',
    modeChanged: {
      'on-demand': 'Captions are now made when somebody wants them.',
      always: 'Captions are now always made in this room.',
      off: 'Captions are now off for everyone in this room.',
    },
    dismiss: 'Dismiss',
  },

  captionDelays: {
    title: 'How late are they?',
    none: 'Nothing to measure yet: show the captions and wait until somebody speaks.',
    of: (words: number) =>
      words === 1 ? 'Of the last word shown here' : `Of the last ${words} words shown here`,
    half: 'Half within',
    most: '95% within',
    stages: {
      recognised: 'Hearing and recognising, from the beginning of the word',
      sent: 'Sending',
      painted: 'Showing, in this browser',
      total: 'Together, without the way through the network',
    },
  },

  chat: {
    title: 'Chat',
    empty: 'No messages yet. What you write here is seen by everyone in the meeting and disappears with it.',
    label: 'Write a message',
    send: 'Send',
    failed: 'The message was not sent. Try again.',
    from: (name: string, text: string) => `${name} writes: ${text}`,
    close: 'Close the chat',
  },

  people: {
    title: 'People',
    close: 'Close the list of people',
    microphoneOn: 'microphone on',
    microphoneOff: 'microphone off',
    host: 'host',
    captioner: 'captioner',
    search: 'Search for a name',
    found: (count: number) => (count === 1 ? '1 person found' : `${count} people found`),
    nobody: 'Nobody of that name is here.',
    hands: 'Raised hands',
    everyone: 'Everyone',
    connections: {
      poor: 'weak connection',
      lost: 'connection lost',
    },
  },

  settings: {
    title: 'Settings',
    devices: 'Devices',
    captions: 'Captions',
    general: 'General',
    alwaysCaptions: 'Always show captions when I join a meeting',
    shortcuts: 'Use single keys in meetings',
    shortcutsHint: 'They do nothing while you write.',
    shortcutsList: 'Show the keys',
    appearance: 'Appearance',
    appearances: { system: 'As the computer is set', light: 'Light', dark: 'Dark' },
    forEveryone: 'Captions in this room',
    modes: {
      'on-demand': 'When somebody wants them',
      always: 'Always',
      off: 'Off for everyone',
    },
    noSpeakerChoice: 'This browser lets the system choose the loudspeaker.',
  },

  shortcuts: {
    title: 'Keyboard shortcuts',
    off: 'Single keys are turned off in the settings.',
    keys: {
      m: 'Microphone on or off',
      v: 'Camera on or off',
      c: 'Captions on or off',
      h: 'Raise or lower the hand',
      t: 'Open or close the chat',
      p: 'Open or close the list of people',
      '?': 'Show this list',
    },
  },

  reactions: {
    title: 'Reactions',
    from: (name: string, reaction: string) => `${name}: ${reaction}`,
    names: {
      agree: 'agreed',
      applause: 'applause',
      heart: 'thank you',
      laugh: 'laughter',
      slower: 'slower, please',
    },
  },

  left: {
    byChoice: 'You have left the meeting.',
    lost: 'The connection to the meeting was lost.',
    lostHint: 'Check your network, then come back.',
    elsewhere: 'You joined this meeting from another window.',
    elsewhereHint: 'It goes on there.',
    removed: 'You were removed from the meeting.',
    ended: 'The meeting is over.',
    refused: 'The host did not let you in.',
    refusedHint: 'If you think this is a mistake, write to the host.',
    waitingEnded: 'You no longer wait.',
    rejoin: 'Join again',
    home: 'Back to the start',
  },

  problems: {
    unknownRoom: 'This meeting does not exist, or it is over.',
    unknownRoomHint: 'Check the link you were sent, or start a new meeting.',
    locked: 'The host has locked this meeting.',
    lockedHint: 'Nobody else comes in at the moment. Ask the host to open the room, then try again.',
    serviceUnreachable: 'The meeting service does not answer.',
    serviceUnreachableHint:
      'Check your network. If other sites work, the service is down for a moment: try again in a minute.',
    mediaUnreachable: 'The video server cannot be reached from here.',
    mediaUnreachableHint:
      'A firewall or VPN may block it. Try again, try another network, or give this message to your support team.',
    tooMany: 'Too many attempts in a short time.',
    tooManyHint: 'Wait a minute, then try again.',
    failed: 'Something went wrong on our side.',
    failedHint: 'Try again. If it happens once more, tell your support team at what time it did.',
    nowhere: 'There is no page at this address.',
    nowhereHint: 'A meeting link ends with /r/ and a code.',
    retry: 'Try again',
    home: 'Back to the start',
  },
} as const;

type Widened<T> = T extends string
  ? string
  : T extends (...args: infer Args) => string
    ? (...args: Args) => string
    : { readonly [Key in keyof T]: Widened<T[Key]> };

export type Messages = Widened<typeof messagesEn>;
