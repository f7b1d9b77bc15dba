/** Everything that only the host may do, in one panel; what concerns one person is in the list of people. */
import { MicOff, OctagonX } from 'lucide-react';
import { useState } from 'react';
import type { HostService } from '../../api/host-service.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { SidePanelFrame } from '../side-panel-frame.tsx';
import { CaptionerInvitationForm } from './captioner-invitation.tsx';
import { ConfirmDialog, type Question } from './confirm-dialog.tsx';
import { HostAccess } from './host-access.tsx';
import { HostCaptionMode } from './host-caption-mode.tsx';
import { HostRecording } from './host-recording.tsx';
import { OffRecordSwitch } from './off-record-switch.tsx';
import { useHostAction } from './use-host-action.ts';
import type { WaitingPeople } from './use-waiting-people.ts';
import { WaitingPeopleList } from './waiting-list.tsx';

export function HostPanel(props: {
  readonly host: HostService;
  readonly ownIdentity: string;
  readonly waiting: WaitingPeople;
  readonly onConsent: () => void;
  readonly onClose: () => void;
}) {
  const { host } = props;
  const { host: words } = useMessages();
  const act = useHostAction();
  const [question, setQuestion] = useState<Question>();
  return (
    <SidePanelFrame title={words.title} closeName={words.close} onClose={props.onClose}>
      <div className="panel-body">
        <WaitingPeopleList host={host} waiting={props.waiting} />
        <section className="panel-section">
          <HostAccess host={host} />
        </section>
        <section className="panel-section">
          <h3>{words.everyone}</h3>
          <button
            type="button"
            className="button small"
            onClick={() => act(host.muteAll(props.ownIdentity), words.mutedAll)}
          >
            <MicOff aria-hidden size={18} />
            {words.muteAll}
          </button>
        </section>
        <section className="panel-section">
          <HostCaptionMode host={host} />
          <OffRecordSwitch host={host} />
          <button
            type="button"
            className="button small"
            onClick={() =>
              setQuestion({
                title: words.eraseQuestion,
                hint: words.eraseHint,
                action: words.erase,
                onConfirm: () => act(host.eraseCaptions(), words.erased),
              })
            }
          >
            {words.erase}
          </button>
        </section>
        <CaptionerInvitationForm host={host} />
        <HostRecording host={host} onAsk={setQuestion} onConsent={props.onConsent} />
        <section className="panel-section">
          <button
            type="button"
            className="button small danger"
            onClick={() =>
              setQuestion({
                title: words.endQuestion,
                hint: words.endHint,
                action: words.end,
                onConfirm: () => act(host.end()),
              })
            }
          >
            <OctagonX aria-hidden size={18} />
            {words.end}
          </button>
        </section>
      </div>
      <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />
    </SidePanelFrame>
  );
}
