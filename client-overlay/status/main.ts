/** The status page: asks for the operator's token, then shows one gateway's figures until told to stop. */
import '@fontsource-variable/atkinson-hyperlegible-next/wght.css';
import 'uplot/dist/uPlot.min.css';
import '../meeting/look/tokens.css';
import '../meeting/look/base.css';
import './status.css';
import { type InterfaceLanguage, interfaceLanguage } from '../overlay/interface-language.ts';
import { messagesIn } from './messages.ts';
import { element } from './page-parts.ts';
import { StatusHistory } from './status-history.ts';
import { type SourceProblem, StatusSource } from './status-source.ts';
import { StatusView } from './status-view.ts';

const TOKEN_KEY = 'surtitre-operator-token';
const LANGUAGE_KEY = 'surtitre-status-language';

const place = document.getElementById('status');
if (place === null) throw new Error('the page has no element #status');

let language = interfaceLanguage(sessionStorage.getItem(LANGUAGE_KEY), ...navigator.languages);
let token = tokenFromAddress() ?? sessionStorage.getItem(TOKEN_KEY);
let problem: SourceProblem | null = null;
let history = new StatusHistory();
let source: StatusSource | null = null;
let view: StatusView | null = null;

show();
if (token !== null) start(token);

/** After the #, which browsers do not send: so that a link can be kept, and no log holds it. */
function tokenFromAddress(): string | null {
  const given = decodeURIComponent(location.hash.slice(1));
  if (given === '') return null;
  window.history.replaceState(null, '', location.pathname);
  sessionStorage.setItem(TOKEN_KEY, given);
  return given;
}

function start(given: string): void {
  token = given;
  problem = null;
  history = new StatusHistory();
  source = new StatusSource({
    token: given,
    onReading: (reading) => {
      history.add(reading);
      view?.show(history);
    },
    onProblem: handleProblem,
  });
  show();
}

function handleProblem(told: SourceProblem): void {
  if (told === 'unreachable') view?.notice(messagesIn(language).problems[told]);
  else signOut(told);
}

function signOut(why: SourceProblem | null): void {
  source?.stop();
  source = null;
  token = null;
  problem = why;
  sessionStorage.removeItem(TOKEN_KEY);
  show();
}

/** The whole page anew: in another language, or another state. */
function show(): void {
  const messages = messagesIn(language);
  document.documentElement.lang = language;
  document.title = messages.title;
  view?.close();
  view = token === null ? null : new StatusView(messages, language);
  const main = element('main', {}, view?.element ?? signInForm());
  place?.replaceChildren(header(), main);
  view?.show(history);
}

function header(): HTMLElement {
  const messages = messagesIn(language);
  const other: InterfaceLanguage = language === 'fr' ? 'en' : 'fr';
  const switchLanguage = element('button', { text: messages.otherLanguage, className: 'quiet' });
  switchLanguage.lang = other;
  switchLanguage.addEventListener('click', () => {
    language = other;
    sessionStorage.setItem(LANGUAGE_KEY, other);
    show();
  });
  const leave = element('button', { text: messages.signIn.leave, className: 'quiet' });
  leave.addEventListener('click', () => signOut(null));
  const buttons = token === null ? [switchLanguage] : [switchLanguage, leave];
  return element('header', {}, element('h1', { text: messages.title }), ...buttons);
}

function signInForm(): HTMLElement {
  const { signIn, problems } = messagesIn(language);
  const input = element('input');
  input.type = 'password';
  input.required = true;
  input.autocomplete = 'current-password';
  const label = element('label', { text: signIn.token }, input);
  const error = element('p', { text: problem === null ? '' : problems[problem], className: 'error' });
  error.setAttribute('role', 'alert');
  const form = element(
    'form',
    { className: 'sign-in' },
    element('p', { text: signIn.explanation }),
    label,
    error,
    element('button', { text: signIn.submit, className: 'action' }),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    sessionStorage.setItem(TOKEN_KEY, input.value);
    start(input.value);
  });
  return form;
}
