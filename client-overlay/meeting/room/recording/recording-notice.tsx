/** Says to everybody that the meeting is recorded, asks each for consent, and says when it stops. */
import { useIsRecording } from '@livekit/components-react';
import { useEffect, useRef } from 'react';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';
import { ModalDialog } from '../modal-dialog.tsx';

export function RecordingNotice(props: {
  readonly consented: boolean;
  readonly onConsent: (consented: boolean) => void;
  readonly onLeave: () => void;
}) {
  const { recording: words } = useMessages();
  const { notify } = useNotices();
  const { consented, onConsent } = props;
  const recording = useIsRecording();
  const before = useRef(false);

  useEffect(() => {
    if (recording === before.current) return;
    before.current = recording;
    notify(recording ? words.started : words.stopped);
    // The next recording is asked about anew.
    if (!recording) onConsent(false);
  }, [recording, notify, words, onConsent]);

  if (!recording) return null;
  return (
    <>
      <p className="recording-sign">{words.active}</p>
      <ModalDialog title={words.question} open={!consented} onOpenChange={() => {}} mustDecide>
        <p>{words.hint}</p>
        <div className="actions">
          <button type="button" className="button primary" onClick={() => onConsent(true)}>
            {words.stay}
          </button>
          <button type="button" className="button" onClick={props.onLeave}>
            {words.leave}
          </button>
        </div>
      </ModalDialog>
    </>
  );
}
