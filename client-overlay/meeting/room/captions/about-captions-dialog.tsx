/** What the captions are for, how long they stay, how to go off the record, and how late they are. */
import type { HostService } from '../../api/host-service.ts';
import { useDeployment } from '../../api/use-deployment.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { OffRecordSwitch } from '../host/off-record-switch.tsx';
import { ModalDialog } from '../modal-dialog.tsx';
import type { CaptionDelays } from './caption-delays.ts';
import { CaptionDelaysTable } from './caption-delays-table.tsx';

export function AboutCaptionsDialog(props: {
  readonly host: HostService | undefined;
  readonly delays: CaptionDelays;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}) {
  const { notices, captionDelays } = useMessages();
  const retentionS = useDeployment()?.captionRetentionS;
  return (
    <ModalDialog title={notices.aboutCaptions} open={props.open} onOpenChange={props.onOpenChange}>
      <p>{notices.captionsPurpose}</p>
      {retentionS === undefined ? null : <p>{notices.captionsKept(retentionS)}</p>}
      {props.host === undefined ? (
        <p>{notices.offRecordByHost}</p>
      ) : (
        <div className="dialog-choice">
          <OffRecordSwitch host={props.host} />
        </div>
      )}
      <details>
        <summary>{captionDelays.title}</summary>
        <CaptionDelaysTable delays={props.delays} />
      </details>
    </ModalDialog>
  );
}
