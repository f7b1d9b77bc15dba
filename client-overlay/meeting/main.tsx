import '@fontsource-variable/atkinson-hyperlegible-next/wght.css';
import './look/tokens.css';
import './look/base.css';
import './look/form-parts.css';
import './look/notices.css';
import './look/pages.css';
import './look/home.css';
import './look/lobby.css';
import './look/room.css';
import './look/stage.css';
import './look/captions.css';
import './look/controls.css';
import './look/panels.css';
import './look/dialogs.css';
import './look/reactions.css';
import './look/captioner.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const container = document.getElementById('app');
if (container === null) throw new Error('the page has no element #app');
createRoot(container).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
