/** Recording, where the deployment can; where it cannot, the button says so. */
import { useIsRecording } from '@livekit/components-react';
import { Circle, Square } from 'lucide-react';
import { useState } from 'react';
import type { HostService } from '../../api/host-service.ts';
import { useDeployment } from '../../api/use-deployment.ts';
import { useMessages } from '../../language/language-provider.tsx';
import type { Question } from './confirm-dialog.tsx';
import { useHostAction } from './use-host-action.ts';

export function HostRecording(props: {
  readonly host: HostService;
  readonly onAsk: (question: Question) => void;
  /** The host agrees by starting. */
  readonly onConsent: () => void;
}) {
  const { host: words } = useMessages();
  const act = useHostAction();
  const recording = useIsRecording();
  const available = useDeployment()?.recordingAvailable === true;
  const [starting, setStarting] = useState(false);
  const start = () => {
    props.onConsent();
    setStarting(true);
    // The recorder is a browser that is started somewhere: that takes seconds, and its absence is noticed late.
    const started = props.host.startRecording().finally(() => setStarting(false));
    act(started, undefined, words.recordFailed);
  };
  return (
    <section className="panel-section">
      <h3>{words.recording}</h3>
      {recording ? (
        <button type="button" className="button small" onClick={() => act(props.host.stopRecording())}>
          <Square aria-hidden size={16} />
          {words.stopRecording}
        </button>
      ) : (
        <button
          type="button"
          className="button small"
          aria-disabled={!available || starting}
          aria-describedby={available ? undefined : 'no-recording'}
          onClick={() => {
            if (!available || starting) return;
            props.onAsk({
              title: words.recordQuestion,
              hint: words.recordHint,
              action: words.record,
              onConfirm: start,
            });
          }}
        >
          <Circle aria-hidden size={16} />
          {starting ? words.recordStarting : words.record}
        </button>
      )}
      {available ? null : (
        <p id="no-recording" className="hint">
          {words.noRecording}
        </p>
      )}
    </section>
  );
}
