/** The start: create a room, join one, or see the demo. */
import { Play, Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { roomPath } from '../addresses.ts';
import { createRoom } from '../api/room-service.ts';
import { useDeployment } from '../api/use-deployment.ts';
import { useLanguage, useMessages } from '../language/language-provider.tsx';
import { useTitle } from '../language/use-title.ts';
import { rememberHostKey } from '../memory/host-keys.ts';
import { goTo } from '../navigation.ts';
import { useNotices } from '../notices/notices-provider.tsx';
import { PageHeader } from '../page-header.tsx';
import { problemWords } from '../problem-words.ts';
import { JoinForm } from './join-form.tsx';
import { Promises } from './promises.tsx';
import { StageIllustration } from './stage-illustration.tsx';

type Doing = 'nothing' | 'creating' | 'preparing-demo';

export function HomePage({ onAboutToJoin }: { readonly onAboutToJoin: () => Promise<unknown> }) {
  const messages = useMessages();
  const language = useLanguage();
  const { notify } = useNotices();
  const [doing, setDoing] = useState<Doing>('nothing');
  const demoAvailable = useDeployment()?.demoAvailable === true;
  useTitle(messages.titles.home);
  useEffect(() => {
    // Fetched ahead while the person reads; if that fails, joining fetches it again.
    onAboutToJoin().catch(() => {});
  }, [onAboutToJoin]);

  const start = async (withDemo: boolean) => {
    if (doing !== 'nothing') return;
    setDoing(withDemo ? 'preparing-demo' : 'creating');
    try {
      const room = await createRoom({ language: 'auto' });
      rememberHostKey(room.roomId, room.hostKey);
      goTo(roomPath(room.roomId), withDemo ? 'demo' : null);
    } catch (problem) {
      setDoing('nothing');
      notify(problemWords(problem, messages), 'problem');
    }
  };

  return (
    <div className="page" lang={language}>
      <PageHeader />
      <main id="content" className="home">
        <section className="home-pitch">
          <h1>{messages.home.headline}</h1>
          <p className="lead">{messages.home.lead}</p>
          <div className="home-start">
            <button type="button" className="button primary large" onClick={() => start(false)}>
              <Plus aria-hidden size={22} />
              {doing === 'creating' ? messages.home.starting : messages.home.start}
            </button>
            {demoAvailable ? (
              <button
                type="button"
                className="button large"
                aria-describedby="demo-hint"
                onClick={() => start(true)}
              >
                <Play aria-hidden size={20} />
                {doing === 'preparing-demo' ? messages.home.demoStarting : messages.home.demo}
              </button>
            ) : null}
          </div>
          {demoAvailable ? (
            <p id="demo-hint" className="hint">
              {messages.home.demoHint}
            </p>
          ) : null}
          <JoinForm />
        </section>
        <StageIllustration />
        <Promises />
      </main>
    </div>
  );
}
