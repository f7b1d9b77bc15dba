/**
 * The captions of the room: the `<surtitre-captions>` element, used as any other page would use it. Its socket
 * is open only while captions are shown, and that alone starts captioning; nobody's choice touches another's.
 */
import '../../../overlay/surtitre-captions.ts';
import { type CSSProperties, useEffect, useRef, useState } from 'react';
import type { JoinRoomResponse } from '../../../../protocol/room-api.ts';
import type { CaptionPreferences, SurtitreCaptions } from '../../../overlay/surtitre-captions.ts';
import { useLanguage, useMessages } from '../../language/language-provider.tsx';
import type { CaptionsAccessKeeper } from './captions-access-keeper.ts';

export function RoomCaptions({
  access,
  keeper,
  shown,
}: {
  readonly access: JoinRoomResponse;
  readonly keeper: CaptionsAccessKeeper;
  readonly shown: boolean;
}) {
  const { room } = useMessages();
  const language = useLanguage();
  const dock = useRef<HTMLElement>(null);
  const [preferences, setPreferences] = useState<Pick<CaptionPreferences, 'lines' | 'size'>>({
    lines: 3,
    size: 100,
  });
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
    container.append(captions);
    element.current = captions;
    handlePreferences();
    return () => {
      keeper.onToken = undefined;
      captions.remove();
      element.current = null;
    };
  }, [access, keeper]);

  useEffect(() => {
    element.current?.setAttribute('lang', language);
  }, [language]);

  // After the effect that makes the element, so that the first press of CC finds it.
  useEffect(() => {
    element.current?.toggleAttribute('active', shown);
  }, [shown]);

  // The dock is as high as the captions that this person wants need.
  const size = { '--caption-lines': preferences.lines, '--caption-size': preferences.size / 100 };
  return (
    <section
      ref={dock}
      className="captions-dock"
      data-shown={shown}
      aria-label={room.captionsArea}
      style={size as CSSProperties}
    />
  );
}
