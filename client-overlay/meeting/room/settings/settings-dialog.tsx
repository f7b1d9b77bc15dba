/** Devices, captions, language: one page, nothing hidden behind tabs. */
import { X } from 'lucide-react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useMessages } from '../../language/language-provider.tsx';
import { LanguageSwitch } from '../../language/language-switch.tsx';
import { savePreferences, usePreferences } from '../../memory/preferences.ts';
import type { MeetingSession } from '../meeting-session.ts';
import { HostCaptionMode } from './host-caption-mode.tsx';
import { RoomDevices } from './room-devices.tsx';

export function SettingsDialog(props: {
  readonly session: MeetingSession;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}) {
  const { settings, close } = useMessages();
  const { session } = props;
  return (
    <ModalOverlay
      className="modal-ground"
      isDismissable
      isOpen={props.open}
      onOpenChange={props.onOpenChange}
    >
      <Modal className="modal">
        <Dialog className="settings">
          <header>
            <Heading slot="title">{settings.title}</Heading>
            <Button slot="close" className="quiet-button" aria-label={close}>
              <X aria-hidden />
            </Button>
          </header>
          <section>
            <h3>{settings.captions}</h3>
            <CaptionPreferences />
            {session.hostKey === undefined ? null : (
              <HostCaptionMode roomId={session.access.roomId} hostKey={session.hostKey} />
            )}
          </section>
          <section>
            <h3>{settings.devices}</h3>
            <RoomDevices />
          </section>
          <section>
            <h3>{settings.general}</h3>
            <LanguageSwitch />
          </section>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function CaptionPreferences() {
  const { settings } = useMessages();
  const { alwaysCaptions, captionsKey } = usePreferences();
  return (
    <>
      <label className="check">
        <input
          type="checkbox"
          checked={alwaysCaptions}
          onChange={(event) => savePreferences({ alwaysCaptions: event.target.checked })}
        />
        {settings.alwaysCaptions}
      </label>
      <label className="check">
        <input
          type="checkbox"
          checked={captionsKey}
          aria-describedby="captions-key-hint"
          onChange={(event) => savePreferences({ captionsKey: event.target.checked })}
        />
        {settings.captionsKey}
      </label>
      <p id="captions-key-hint" className="hint">
        {settings.captionsKeyHint}
      </p>
    </>
  );
}
