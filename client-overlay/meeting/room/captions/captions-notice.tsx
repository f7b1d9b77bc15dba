import { useDeployment } from '../../api/use-deployment.ts';
import { useMessages } from '../../language/language-provider.tsx';

/** Says to everyone whose words are captioned that they are, where, and for how long they stay. `narrow`: in short. */
export function CaptionsNotice(props: { readonly captioned: boolean; readonly narrow?: boolean }) {
  const { narrow = false } = props;
  const { notices } = useMessages();
  const retentionS = useDeployment()?.captionRetentionS;
  if (!props.captioned) return null;
  return (
    <p className={narrow ? 'captions-notice narrow-only' : 'captions-notice'}>
      {narrow ? notices.captionsActiveShort : notices.captionsActive}{' '}
      {narrow || retentionS === undefined ? null : notices.captionsKept(retentionS)}
    </p>
  );
}
