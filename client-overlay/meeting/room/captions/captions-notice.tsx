/** Says to everyone whose words are captioned that they are, why, and for how long they stay. `narrow`: in short. */
import { useDeployment } from '../../api/use-deployment.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { useRoomState } from '../use-room-state.ts';

export function CaptionsNotice(props: {
  readonly captioned: boolean;
  readonly onAbout: () => void;
  readonly narrow?: boolean;
}) {
  const { narrow = false } = props;
  const { notices } = useMessages();
  const { offRecord } = useRoomState();
  const retentionS = useDeployment()?.captionRetentionS;
  if (!props.captioned && !offRecord) return null;
  const kept = retentionS === undefined ? null : notices.captionsKept(retentionS);
  return (
    <div className={narrow ? 'captions-notice narrow-only' : 'captions-notice'} data-off-record={offRecord}>
      <p>
        {offRecord ? (
          <strong>{notices.offRecordSign}</strong>
        ) : narrow ? (
          notices.captionsActiveShort
        ) : (
          <>
            {notices.captionsActive} {kept}
          </>
        )}{' '}
        <button type="button" className="link-button" onClick={props.onAbout}>
          {notices.aboutCaptions}
        </button>
      </p>
    </div>
  );
}
