/** A button of the bar: icon over a short label; its accessible name says what pressing it does. */
import type { LucideIcon } from 'lucide-react';

export function ControlButton(props: {
  readonly icon: LucideIcon;
  readonly label: string;
  /** Contains the label, so that people who speak to their computer find it. */
  readonly name: string;
  /** What pressing does, where the name does not say it. */
  readonly hint?: string;
  readonly look?: 'plain' | 'off' | 'on' | 'captions' | 'leave';
  readonly pressed?: boolean;
  readonly expanded?: boolean;
  readonly busy?: boolean;
  readonly badge?: number;
  readonly className?: string;
  readonly keyShortcuts?: string | undefined;
  readonly onPress: () => void;
}) {
  const Icon = props.icon;
  const hint = props.hint ?? props.name;
  return (
    <button
      type="button"
      className={`control ${props.className ?? ''}`}
      data-look={props.look ?? 'plain'}
      aria-label={props.name}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      aria-disabled={props.busy}
      aria-keyshortcuts={props.keyShortcuts}
      title={props.keyShortcuts === undefined ? hint : `${hint} (${props.keyShortcuts.toUpperCase()})`}
      onClick={() => {
        if (props.busy !== true) props.onPress();
      }}
    >
      <span className="control-icon">
        <Icon aria-hidden size={22} />
        {props.badge === undefined || props.badge === 0 ? null : (
          <span className="badge" aria-hidden="true">
            {props.badge > 9 ? '9+' : props.badge}
          </span>
        )}
      </span>
      <span className="control-label" aria-hidden="true">
        {props.label}
      </span>
    </button>
  );
}
