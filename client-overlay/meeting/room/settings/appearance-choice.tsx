import { RadioChoice } from '../../form/radio-choice.tsx';
import { useMessages } from '../../language/language-provider.tsx';
import { savePreferences, usePreferences } from '../../memory/preferences.ts';

const APPEARANCES = ['system', 'light', 'dark'] as const;

export function AppearanceChoice() {
  const { settings } = useMessages();
  const { appearance } = usePreferences();
  return (
    <RadioChoice
      name="appearance"
      legend={settings.appearance}
      choices={APPEARANCES}
      labels={settings.appearances}
      chosen={appearance}
      onChoose={(choice) => savePreferences({ appearance: choice })}
    />
  );
}
