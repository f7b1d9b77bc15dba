/** A dialog over everything, with a title and a close button; keeps the focus and gives it back. */
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useMessages } from '../language/language-provider.tsx';

export function ModalDialog(props: {
  readonly title: string;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** One that asks for a decision has no way out but an answer. */
  readonly mustDecide?: boolean;
  readonly children: ReactNode;
}) {
  const { close } = useMessages();
  const { mustDecide = false } = props;
  return (
    <ModalOverlay
      className="modal-ground"
      isDismissable={!mustDecide}
      isKeyboardDismissDisabled={mustDecide}
      isOpen={props.open}
      onOpenChange={props.onOpenChange}
    >
      <Modal className="modal">
        <Dialog className="settings" role={mustDecide ? 'alertdialog' : 'dialog'}>
          <header>
            <Heading slot="title">{props.title}</Heading>
            {mustDecide ? null : (
              <Button slot="close" className="quiet-button" aria-label={close}>
                <X aria-hidden />
              </Button>
            )}
          </header>
          {props.children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
