/** Devices, captions, keys, looks, language: one page, nothing hidden behind tabs. */
import { useMessages } from '../../language/language-provider.tsx';
import { LanguageSwitch } from '../../language/language-switch.tsx';
import { savePreferences, usePreferences } from '../../memory/preferences.ts';
import { ModalDialog } from '../modal-dialog.tsx';
import { AppearanceChoice } from './appearance-choice.tsx';
import { RoomDevices } from './room-devices.tsx';

export function SettingsDialog(props: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly onShortcuts: () => void;
}) {
  const { settings } = useMessages();
  const { alwaysCaptions } = usePreferences();
  return (
    <ModalDialog title={settings.title} open={props.open} onOpenChange={props.onOpenChange}>
      <section>
        <h3>{settings.devices}</h3>
        <RoomDevices />
      </section>
      <section>
        <h3>{settings.captions}</h3>
        <label className="check">
          <input
            type="checkbox"
            checked={alwaysCaptions}
            onChange={(event) => savePreferences({ alwaysCaptions: event.target.checked })}
          />
          {settings.alwaysCaptions}
        </label>
      </section>
      <section>
        <h3>{settings.general}</h3>
        <ShortcutsChoice onList={props.onShortcuts} />
        <AppearanceChoice />
        <LanguageSwitch />
      </section>
    </ModalDialog>
  );
}

function ShortcutsChoice({ onList }: { readonly onList: () => void }) {
  const { settings } = useMessages();
  const { shortcuts } = usePreferences();
  return (
    <>
      <label className="check">
        <input
          type="checkbox"
          checked={shortcuts}
          aria-describedby="shortcuts-hint"
          onChange={(event) => savePreferences({ shortcuts: event.target.checked })}
        />
        {settings.shortcuts}
      </label>
      <p id="shortcuts-hint" className="hint">
        {settings.shortcutsHint}{' '}
        <button type="button" className="link-button" onClick={onList}>
          {settings.shortcutsList}
        </button>
      </p>
    </>
  );
}
