import { ReactionIcon } from './reaction-icon.tsx';
import type { ShownReaction } from './use-reactions.ts';

/** Reactions as they come, over a corner of the stage. Read out by the page’s live region, so hidden here. */
export function ReactionsLayer({ shown }: { readonly shown: readonly ShownReaction[] }) {
  return (
    <ul className="reactions-layer" aria-hidden="true">
      {shown.map(({ id, reaction, name }) => (
        <li key={id} className="shown-reaction">
          <ReactionIcon reaction={reaction} size={26} />
          <span>{name}</span>
        </li>
      ))}
    </ul>
  );
}
