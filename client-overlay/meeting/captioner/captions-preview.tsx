/** The room's captions as viewers have them, so that the writer sees what arrives. */
import '../../overlay/surtitre-captions.ts';
import { useEffect, useRef } from 'react';
import type { CaptionerJoinResponse } from '../../../protocol/captioner-api.ts';
import type { SurtitreCaptions } from '../../overlay/surtitre-captions.ts';
import type { CaptionerService } from '../api/captioner-service.ts';
import { useLanguage, useMessages } from '../language/language-provider.tsx';

export function CaptionsPreview(props: {
  readonly service: CaptionerService;
  readonly access: CaptionerJoinResponse;
}) {
  const { access, service } = props;
  const { captioner } = useMessages();
  const language = useLanguage();
  const frame = useRef<HTMLElement>(null);
  useEffect(() => {
    const captions = document.createElement('surtitre-captions') as SurtitreCaptions;
    captions.setAttribute('src', access.captionsUrl);
    captions.setAttribute('lang', language);
    captions.tokenProvider = async (refused) =>
      refused ? (await service.join()).captionsToken : access.captionsToken;
    captions.setAttribute('active', '');
    frame.current?.append(captions);
    return () => captions.remove();
  }, [access, service, language]);
  return <section ref={frame} className="desk-preview" aria-label={captioner.shown} />;
}
