/**
 * The captions of the room: the `<surtitre-captions>` element, used as any other page would use it. Its socket
 * is open only while captions are shown, and that alone starts captioning; nobody's choice touches another's.
 */
import '../../../overlay/surtitre-captions.ts';
import { type CSSProperties, useEffect, useRef, useState } from 'react';
import type { JoinRoomResponse } from '../../../../protocol/room-api.ts';
import type {
  CaptionPreferences,
  SurtitreCaptions,
  SurtitreCaptionsEvents,
} from '../../../overlay/surtitre-captions.ts';
import type { HostService } from '../../api/host-service.ts';
import { useDeployment } from '../../api/use-deployment.ts';
import { useLanguage, useMessages } from '../../language/language-provider.tsx';
import { useHostAction } from '../host/use-host-action.ts';
import { useRoomState } from '../use-room-state.ts';
import type { CaptionDelays } from './caption-delays.ts';
import type { CaptionsAccessKeeper } from './captions-access-keeper.ts';

export function RoomCaptions({
  access,
  keeper,
  host,
  shown,
  transcript,
  onTranscript,
  delays,
}: {
  readonly access: JoinRoomResponse;
  readonly keeper: CaptionsAccessKeeper;
  readonly host: HostService | undefined;
  readonly shown: boolean;
  /** Whether the transcript is the panel that is open, and what the person did to it in the element itself. */
  readonly transcript: boolean;
  readonly onTranscript: (open: boolean) => void;
  /** Told of every word that is painted. */
  readonly delays: CaptionDelays;
}) {
  const { room } = useMessages();
  const language = useLanguage();
  const dock = useRef<HTMLElement>(null);
  const [preferences, setPreferences] = useState<CaptionPreferences>();
  const { offRecord } = useRoomState();
  const retentionS = useDeployment()?.captionRetentionS;
  const act = useHostAction();
  const element = useRef<SurtitreCaptions>(null);

  useEffect(() => {
    const container = dock.current;
    if (container === null) return;
    const captions = document.createElement('surtitre-captions') as SurtitreCaptions;
    keeper.onToken = (token) => {
      captions.token = token;
    };
    captions.setAttribute('src', access.captionsUrl);
    captions.setAttribute('remember', '');
    captions.setAttribute('controls', '');
    captions.tokenProvider = keeper.provideToken;
    const handlePreferences = () => setPreferences(captions.preferences);
    captions.addEventListener('captions-preferences', handlePreferences);
    const listen = <K extends keyof SurtitreCaptionsEvents>(
      type: K,
      handle: (event: SurtitreCaptionsEvents[K]) => void,
    ) => captions.addEventListener(type, handle as EventListener);
    listen('captions-transcript', ({ detail }) => onTranscript(detail.open));
    listen('captions-word', ({ detail }) => delays.handleWord(detail));
    container.append(captions);
    element.current = captions;
    handlePreferences();
    return () => {
      keeper.onToken = undefined;
      captions.remove();
      element.current = null;
    };
  }, [access, keeper, delays, onTranscript]);

  useEffect(() => {
    element.current?.setAttribute('lang', language);
  }, [language]);

  useEffect(() => {
    if (retentionS !== undefined) element.current?.setAttribute('retention', String(retentionS));
  }, [retentionS]);

  // In the element's settings as well, for who can decide it.
  useEffect(() => {
    const captions = element.current;
    if (captions === null || host === undefined) return;
    captions.setAttribute('off-record', offRecord ? 'on' : 'off');
    const handleWish = ({ detail }: SurtitreCaptionsEvents['captions-off-record']) => {
      act(host.setOffRecord(detail.wanted));
    };
    captions.addEventListener('captions-off-record', handleWish as EventListener);
    return () => captions.removeEventListener('captions-off-record', handleWish as EventListener);
  }, [host, offRecord, act]);

  // After the effect that makes the element, so that the first press of CC finds it.
  useEffect(() => {
    element.current?.toggleAttribute('active', shown);
  }, [shown]);

  // It belongs to the captions: whoever hides them hides it.
  const isTranscriptShown = transcript && shown;
  useEffect(() => {
    if (!isTranscriptShown) element.current?.openTranscript(false);
  }, [isTranscriptShown]);

  // The dock is as high as the captions that this person wants need.
  const { lines = 3, size: percent = 100, placement } = preferences ?? {};
  const size = { '--caption-lines': lines, '--caption-size': percent / 100 };
  return (
    <section
      ref={dock}
      className="captions-dock"
      data-shown={shown && placement !== 'floating'}
      aria-label={room.captionsArea}
      style={size as CSSProperties}
    />
  );
}
