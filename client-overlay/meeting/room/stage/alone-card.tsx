/** For the first person in a room: what to do until the others come. */
import { Link } from 'lucide-react';
import { useMessages } from '../../language/language-provider.tsx';
import { useCopyLink } from '../controls/use-copy-link.ts';

export function AloneCard({ roomId }: { readonly roomId: string }) {
  const { room, controls } = useMessages();
  const copyLink = useCopyLink(roomId);
  return (
    <div className="alone-card">
      <p>
        <strong>{room.alone}</strong> {room.aloneHint}
      </p>
      <button type="button" className="button small" onClick={copyLink}>
        <Link aria-hidden size={18} />
        {controls.copyLink}
      </button>
    </div>
  );
}
