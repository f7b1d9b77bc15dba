/** Asks before something that cannot be taken back, or that concerns others. */
import { useMessages } from '../../language/language-provider.tsx';
import { ModalDialog } from '../modal-dialog.tsx';

export interface Question {
  readonly title: string;
  readonly hint: string;
  /** The words on the button that does it. */
  readonly action: string;
  readonly onConfirm: () => void;
}

export function ConfirmDialog(props: {
  readonly question: Question | undefined;
  readonly onClose: () => void;
}) {
  const { host } = useMessages();
  const { question } = props;
  return (
    <ModalDialog title={question?.title ?? ''} open={question !== undefined} onOpenChange={props.onClose}>
      <p>{question?.hint}</p>
      <div className="actions">
        <button
          type="button"
          className="button danger"
          onClick={() => {
            question?.onConfirm();
            props.onClose();
          }}
        >
          {question?.action}
        </button>
        <button type="button" className="button" onClick={props.onClose}>
          {host.cancel}
        </button>
      </div>
    </ModalDialog>
  );
}
