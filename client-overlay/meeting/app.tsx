/** Which page is shown at which address. */
import { lazy, Suspense } from 'react';
import { FailureBoundary } from './failure-boundary.tsx';
import { HomePage } from './home/home-page.tsx';
import { LanguageProvider } from './language/language-provider.tsx';
import { useRoute } from './navigation.ts';
import { NoticesProvider } from './notices/notices-provider.tsx';
import { ProblemPage } from './problem-page.tsx';
import { useAppearance } from './use-appearance.ts';
import { WaitingPage } from './waiting-page.tsx';

/** With the video library, nine tenths of the code: the home page does not wait for it. */
const loadMeeting = () => import('./room/meeting-page.tsx');
const CaptionerPage = lazy(() =>
  import('./captioner/captioner-page.tsx').then((module) => ({ default: module.CaptionerPage })),
);
const MeetingPage = lazy(() => loadMeeting().then((module) => ({ default: module.MeetingPage })));

export function App() {
  useAppearance();
  return (
    <LanguageProvider>
      <FailureBoundary>
        <NoticesProvider>
          <CurrentPage />
        </NoticesProvider>
      </FailureBoundary>
    </LanguageProvider>
  );
}

function CurrentPage() {
  const route = useRoute();
  switch (route.page) {
    case 'home':
      return <HomePage onAboutToJoin={loadMeeting} />;
    case 'room':
      return (
        <Suspense fallback={<WaitingPage />}>
          <MeetingPage key={route.roomId} roomId={route.roomId} entry={route.entry} />
        </Suspense>
      );
    case 'captioner':
      return (
        <Suspense fallback={<WaitingPage />}>
          <CaptionerPage key={route.roomId} roomId={route.roomId} />
        </Suspense>
      );
    case 'nowhere':
      return <ProblemPage kind="nowhere" />;
  }
}
