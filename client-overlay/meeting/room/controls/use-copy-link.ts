import { useMessages } from '../../language/language-provider.tsx';
import { roomLink } from '../../navigation.ts';
import { useNotices } from '../../notices/notices-provider.tsx';

/** Copies the room's address and says whether that worked; if not, the address itself is shown. */
export function useCopyLink(roomId: string): () => void {
  const { notices } = useMessages();
  const { notify } = useNotices();
  return () => {
    const link = roomLink(roomId);
    // Without a secure context there is no clipboard.
    const copied = navigator.clipboard?.writeText(link) ?? Promise.reject(new Error('no clipboard'));
    copied.then(
      () => notify(notices.linkCopied),
      () => notify(notices.linkNotCopied(link), 'problem'),
    );
  };
}
