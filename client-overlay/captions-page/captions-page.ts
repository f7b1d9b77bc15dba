/**
 * A transparent page with nothing but captions, for OBS, a projector or a second screen:
 *
 *     /captions.html#room=<room>&lang=fr&size=150
 *     /captions.html#src=wss://captions.example.org/captions&token=<token>&behind=%2300ff00
 *
 * docs/overlay.md lists the parameters.
 */
import '../overlay/surtitre-captions.ts';
import type { JoinRoomResponse, WaitingResponse } from '../../protocol/room-api.ts';
import type { SurtitreCaptions } from '../overlay/surtitre-captions.ts';
import { readPageParameters } from './page-parameters.ts';

const WORDS = {
  en: {
    nothing: 'This address names no captions: add #room=… or #src=…&token=…',
    waiting: 'This meeting lets people in one by one. Use the address and token of somebody who is in it.',
    refused: 'This meeting cannot be joined. Check the address.',
  },
  fr: {
    nothing: 'Cette adresse ne désigne aucun sous-titre : ajoutez #room=… ou #src=…&token=…',
    waiting:
      'Cette réunion fait entrer les personnes une par une. Utilisez l’adresse et le jeton d’une personne présente.',
    refused: 'Impossible de rejoindre cette réunion. Vérifiez l’adresse.',
  },
};

const { source, behind, attributes } = readPageParameters(location.hash);
const captions = document.querySelector('surtitre-captions') as SurtitreCaptions;
const language = (attributes.lang ?? navigator.language).toLowerCase().startsWith('fr') ? 'fr' : 'en';
const words = WORDS[language];

document.documentElement.lang = language;
if (behind !== null) document.body.style.background = behind;
for (const [name, value] of Object.entries(attributes)) captions.setAttribute(name, value);
// Another address in the same tab is another page.
window.addEventListener('hashchange', () => location.reload());

switch (source.kind) {
  case 'none':
    tell(words.nothing);
    break;
  case 'stream':
    captions.token = source.token;
    captions.src = source.src;
    captions.active = true;
    break;
  case 'room':
    await showRoom(source);
    break;
}

async function showRoom(room: { readonly room: string; readonly name: string }): Promise<void> {
  let access = await join(room);
  if (!access) return;
  captions.tokenProvider = async (refused) => {
    if (refused) access = (await join(room)) ?? access;
    return access?.captionsToken ?? '';
  };
  captions.src = access.captionsUrl;
  captions.active = true;
}

/** Null: refused, which the page then says. */
async function join({
  room,
  name,
}: {
  readonly room: string;
  readonly name: string;
}): Promise<JoinRoomResponse | null> {
  const response = await fetch(`/api/rooms/${encodeURIComponent(room)}/join`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  if (!response.ok) {
    tell(words.refused);
    return null;
  }
  const answer = (await response.json()) as JoinRoomResponse | WaitingResponse;
  if ('waiting' in answer) {
    tell(words.waiting);
    return null;
  }
  tell('');
  return answer;
}

function tell(problem: string): void {
  const element = document.querySelector('#problem');
  if (element) element.textContent = problem;
}
