/** A person writes the captions: from the host's link to the last line. */
import { Room } from 'livekit-client';
import { useEffect, useMemo, useState } from 'react';
import type { CaptionerJoinResponse } from '../../../protocol/captioner-api.ts';
import { CaptionerService } from '../api/captioner-service.ts';
import { ServiceProblem } from '../api/service-problem.ts';
import { useMessages } from '../language/language-provider.tsx';
import { useTitle } from '../language/use-title.ts';
import { PageHeader } from '../page-header.tsx';
import { type PageProblem, ProblemPage } from '../problem-page.tsx';
import { pageProblemOf } from '../problem-words.ts';
import { CaptionerDesk } from './captioner-desk.tsx';

type Phase =
  | { readonly at: 'start' | 'starting' | 'refused' | 'left' }
  | { readonly at: 'desk'; readonly access: CaptionerJoinResponse; readonly room: Room }
  | { readonly at: 'problem'; readonly problem: PageProblem };

export function CaptionerPage({ roomId }: { readonly roomId: string }) {
  const { captioner, titles } = useMessages();
  // Read once: a person who edits the address loads the page again.
  const [token] = useState(() => location.hash.slice(1));
  const service = useMemo(() => new CaptionerService(roomId, token), [roomId, token]);
  const [phase, setPhase] = useState<Phase>({ at: 'start' });
  useTitle(titles.captioner);

  const room = phase.at === 'desk' ? phase.room : undefined;
  useEffect(() => () => void room?.disconnect(), [room]);

  const start = async () => {
    if (phase.at === 'starting') return;
    setPhase({ at: 'starting' });
    const meeting = new Room({ adaptiveStream: false });
    try {
      const access = await service.join();
      // Writing needs no sound: where the media server cannot be reached, the page still serves.
      await meeting.connect(access.livekitUrl, access.livekitToken).catch(() => {});
      setPhase({ at: 'desk', access, room: meeting });
    } catch (failure) {
      const kind = failure instanceof ServiceProblem ? failure.kind : 'failed';
      if (kind === 'not-allowed') setPhase({ at: 'refused' });
      else setPhase({ at: 'problem', problem: pageProblemOf(failure) });
    }
  };

  if (phase.at === 'problem') {
    return <ProblemPage kind={phase.problem} onRetry={() => setPhase({ at: 'start' })} />;
  }
  return (
    <div className="page">
      <PageHeader />
      <main id="content">
        {phase.at === 'desk' ? (
          <CaptionerDesk
            service={service}
            access={phase.access}
            room={phase.room}
            onLeave={() => setPhase({ at: 'left' })}
          />
        ) : (
          <div className="message-page">
            <div role={phase.at === 'start' ? undefined : 'status'}>
              <h1>{phase.at === 'left' ? captioner.left : captioner.title}</h1>
              <p>{token === '' ? captioner.noToken : captioner.intro}</p>
              {phase.at === 'refused' ? (
                <p className="mistake" role="alert">
                  {captioner.refused}
                </p>
              ) : null}
            </div>
            {token === '' || phase.at === 'refused' ? null : (
              <div className="actions">
                <button type="button" className="button primary large" onClick={() => void start()}>
                  {phase.at === 'starting' ? captioner.starting : captioner.start}
                </button>
              </div>
            )}
          </div>
        )}
      </main>
    </div>
  );
}
