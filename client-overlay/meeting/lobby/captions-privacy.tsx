import { useDeployment } from '../api/use-deployment.ts';
import { useMessages } from '../language/language-provider.tsx';

/** What happens with what is said, told before anyone joins. */
export function CaptionsPrivacy() {
  const { lobby } = useMessages();
  const deployment = useDeployment();
  return (
    <p className="privacy">
      {lobby.notice} {deployment === undefined ? null : lobby.retention(deployment.captionRetentionS)}
    </p>
  );
}
