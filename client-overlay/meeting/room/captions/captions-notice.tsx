import { useDeployment } from '../../api/use-deployment.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { useCaptionMode } from './use-caption-mode.ts';

/**
 * Says to everyone whose words are captioned, as far as this page knows, that they are, where, and for how long
 * they stay. `narrow`: the short form.
 */
export function CaptionsNotice(props: { readonly captionsShown: boolean; readonly narrow?: boolean }) {
  const { narrow = false } = props;
  const { notices } = useMessages();
  const retentionS = useDeployment()?.captionRetentionS;
  const mode = useCaptionMode();
  if (mode === 'off' || (mode === 'on-demand' && !props.captionsShown)) return null;
  return (
    <p className={narrow ? 'captions-notice narrow-only' : 'captions-notice'}>
      {narrow ? notices.captionsActiveShort : notices.captionsActive}{' '}
      {narrow || retentionS === undefined ? null : notices.captionsKept(retentionS)}
    </p>
  );
}
