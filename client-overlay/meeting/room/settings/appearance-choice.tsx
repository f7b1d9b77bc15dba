import { useMessages } from '../../language/language-provider.tsx';
import { savePreferences, usePreferences } from '../../memory/preferences.ts';

const APPEARANCES = ['system', 'light', 'dark'] as const;

export function AppearanceChoice() {
  const { settings } = useMessages();
  const { appearance } = usePreferences();
  return (
    <fieldset className="choices">
      <legend>{settings.appearance}</legend>
      {APPEARANCES.map((choice) => (
        <label key={choice} className="check">
          <input
            type="radio"
            name="appearance"
            checked={appearance === choice}
            onChange={() => savePreferences({ appearance: choice })}
          />
          {settings.appearances[choice]}
        </label>
      ))}
    </fieldset>
  );
}
