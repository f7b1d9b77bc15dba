/** One room's address: the lobby, perhaps the waiting room, then the room, then the way out. */
import { ConnectionState, RoomEvent } from 'livekit-client';
import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import { getRoom, startDemo } from '../api/room-service.ts';
import { useMessages } from '../language/language-provider.tsx';
import { LobbyPage, type ReadyToJoin } from '../lobby/lobby-page.tsx';
import { type PreviewTrack, stopWhenOpen } from '../lobby/preview-device.ts';
import { currentPreferences } from '../memory/preferences.ts';
import { useNotices } from '../notices/notices-provider.tsx';
import { type PageProblem, ProblemPage } from '../problem-page.tsx';
import { pageProblemOf } from '../problem-words.ts';
import { WaitingPage } from '../waiting-page.tsx';
import { LeftPage } from './left-page.tsx';
import { MeetingRoom } from './meeting-room.tsx';
import {
  type LeftReason,
  leftReasonOf,
  MediaUnreachable,
  type MeetingSession,
  openSession,
} from './meeting-session.ts';
import { WaitingForHostPage } from './waiting-for-host-page.tsx';
import type { WaitingOutcome, WaitingSession } from './waiting-session.ts';

type Phase =
  | { readonly at: 'lobby' }
  | { readonly at: 'joining' }
  | { readonly at: 'waiting'; readonly waiting: WaitingSession }
  | { readonly at: 'room'; readonly session: MeetingSession }
  | { readonly at: 'left'; readonly reason: LeftReason }
  | { readonly at: 'problem'; readonly problem: PageProblem };

/** Where waiting ends without a room. */
const REASONS = {
  admitted: 'lost',
  refused: 'refused',
  ended: 'ended',
  left: 'stopped-waiting',
  lost: 'lost',
} as const satisfies Record<WaitingOutcome['kind'], LeftReason>;

export function MeetingPage({
  roomId,
  entry,
}: {
  readonly roomId: string;
  readonly entry: 'lobby' | 'demo';
}) {
  const messages = useMessages();
  const { notify } = useNotices();
  const [phase, setPhase] = useState<Phase>({ at: entry === 'demo' ? 'joining' : 'lobby' });
  // A join that was overtaken (the person went back, or pressed again) must not bring anyone into a room.
  const attempt = useRef(0);
  const waitingNow = useRef<WaitingSession>(undefined);

  const join = useCallback(
    /** Whether this attempt brought the person in. */
    async (ready: ReadyToJoin): Promise<boolean> => {
      const mine = ++attempt.current;
      setPhase({ at: 'joining' });
      const devices = [ready.microphone, ready.camera].filter((device) => device !== undefined);
      try {
        let admission: string | undefined;
        for (;;) {
          const entry = await openSession({ roomId, name: ready.name, devices, admission });
          if (entry.at === 'room') {
            if (mine !== attempt.current) {
              await entry.session.room.disconnect();
              return false;
            }
            setPhase({ at: 'room', session: entry.session });
            return true;
          }
          waitingNow.current = entry.waiting;
          if (mine === attempt.current) setPhase({ at: 'waiting', waiting: entry.waiting });
          else entry.waiting.leave();
          const outcome = await entry.waiting.outcome;
          if (outcome.kind !== 'admitted' || mine !== attempt.current) {
            stopAll(devices);
            if (mine === attempt.current) setPhase({ at: 'left', reason: REASONS[outcome.kind] });
            return false;
          }
          ({ admission } = outcome);
          setPhase({ at: 'joining' });
        }
      } catch (failure) {
        if (mine !== attempt.current) return false;
        const problem = failure instanceof MediaUnreachable ? 'media-unreachable' : pageProblemOf(failure);
        setPhase({ at: 'problem', problem });
        return false;
      }
    },
    [roomId],
  );

  const joinDemo = useEffectEvent(async () => {
    const name = currentPreferences().name || messages.lobby.guest;
    if (!(await join({ name, microphone: undefined, camera: undefined }))) return;
    // After the visitor, so that not a word is missed. A room without demo voices is still a room.
    await startDemo(roomId).catch(() => notify(messages.notices.demoFailed, 'problem'));
  });
  // The lobby is shown meanwhile: nearly always the room exists.
  const askWhetherRoomExists = useEffectEvent((asked: number) => {
    getRoom(roomId).catch((failure: unknown) => {
      if (asked === attempt.current) setPhase({ at: 'problem', problem: pageProblemOf(failure) });
    });
  });
  useEffect(() => {
    if (entry === 'demo') void joinDemo();
    else askWhetherRoomExists(attempt.current);
    return () => {
      attempt.current++;
      waitingNow.current?.leave();
    };
  }, [entry]);

  const session = phase.at === 'room' ? phase.session : undefined;
  useEffect(() => {
    if (session === undefined) return;
    const handleDisconnected = (reason?: Parameters<typeof leftReasonOf>[0]) => {
      setPhase({ at: 'left', reason: leftReasonOf(reason) });
    };
    session.room.on(RoomEvent.Disconnected, handleDisconnected);
    // It may have ended between joining and this effect.
    if (session.room.state === ConnectionState.Disconnected) handleDisconnected();
    return () => {
      session.room.off(RoomEvent.Disconnected, handleDisconnected);
      void session.room.disconnect();
    };
  }, [session]);

  switch (phase.at) {
    case 'lobby':
      return <LobbyPage joining={false} onJoin={join} />;
    case 'joining':
      return entry === 'demo' ? <WaitingPage /> : <LobbyPage joining onJoin={join} />;
    case 'waiting':
      return <WaitingForHostPage onLeave={phase.waiting.leave} />;
    case 'room':
      return <MeetingRoom session={phase.session} demo={entry === 'demo'} />;
    case 'left':
      return <LeftPage reason={phase.reason} onRejoin={() => setPhase({ at: 'lobby' })} />;
    case 'problem':
      return phase.problem === 'unknown-room' ? (
        <ProblemPage kind="unknown-room" />
      ) : (
        <ProblemPage kind={phase.problem} onRetry={() => setPhase({ at: 'lobby' })} />
      );
  }
}

function stopAll(devices: readonly Promise<PreviewTrack>[]): void {
  for (const device of devices) stopWhenOpen(device);
}
