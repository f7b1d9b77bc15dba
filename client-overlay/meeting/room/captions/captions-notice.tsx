import { useDeployment } from '../../api/use-deployment.ts';
import { useMessages } from '../../language/language-provider.tsx';

/** Says, while captions are made, that they are, where, and for how long they stay. `narrow`: the short form. */
export function CaptionsNotice({ narrow = false }: { readonly narrow?: boolean }) {
  const { notices } = useMessages();
  const retentionS = useDeployment()?.captionRetentionS;
  return (
    <p className={narrow ? 'captions-notice narrow-only' : 'captions-notice'}>
      {narrow ? notices.captionsActiveShort : notices.captionsActive}{' '}
      {narrow || retentionS === undefined ? null : notices.captionsKept(retentionS)}
    </p>
  );
}
