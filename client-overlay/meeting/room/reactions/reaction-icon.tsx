import { Heart, Laugh, type LucideIcon, PartyPopper, ThumbsUp, Turtle } from 'lucide-react';
import type { Reaction } from './reaction.ts';

const ICONS: Readonly<Record<Reaction, LucideIcon>> = {
  agree: ThumbsUp,
  applause: PartyPopper,
  heart: Heart,
  laugh: Laugh,
  slower: Turtle,
};

export function ReactionIcon({ reaction, size }: { readonly reaction: Reaction; readonly size: number }) {
  const Icon = ICONS[reaction];
  return <Icon aria-hidden size={size} className="reaction-icon" data-reaction={reaction} />;
}
