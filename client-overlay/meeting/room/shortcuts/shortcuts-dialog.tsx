import { useMessages } from '../../language/language-provider.tsx';
import { usePreferences } from '../../memory/preferences.ts';
import { ModalDialog } from '../modal-dialog.tsx';
import type { ShortcutKey } from './use-shortcuts.ts';

const KEYS: readonly ShortcutKey[] = ['m', 'v', 'c', 'h', 't', 'p', '?'];

export function ShortcutsDialog(props: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}) {
  const { shortcuts } = useMessages();
  const { shortcuts: wanted } = usePreferences();
  return (
    <ModalDialog title={shortcuts.title} {...props}>
      {wanted ? null : <p className="hint">{shortcuts.off}</p>}
      <dl className="key-list">
        {KEYS.map((key) => (
          <div key={key}>
            <dt>
              <kbd>{key.toUpperCase()}</kbd>
            </dt>
            <dd>{shortcuts.keys[key]}</dd>
          </div>
        ))}
      </dl>
    </ModalDialog>
  );
}
