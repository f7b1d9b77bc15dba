/** The host's choice of when captions are made, for the whole room. */
import type { CaptionMode } from '../../../../protocol/room-api.ts';
import type { HostService } from '../../api/host-service.ts';
import { RadioChoice } from '../../form/radio-choice.tsx';
import { useMessages } from '../../language/language-provider.tsx';
import { useRoomState } from '../use-room-state.ts';
import { useHostAction } from './use-host-action.ts';

const MODES: readonly CaptionMode[] = ['on-demand', 'always', 'off'];

export function HostCaptionMode({ host }: { readonly host: HostService }) {
  const { settings, notices } = useMessages();
  const act = useHostAction();
  const { mode } = useRoomState();
  return (
    <RadioChoice
      name="caption-mode"
      legend={settings.forEveryone}
      choices={MODES}
      labels={settings.modes}
      chosen={mode}
      onChoose={(choice) => act(host.setCaptionMode(choice), notices.modeChanged[choice])}
    />
  );
}
