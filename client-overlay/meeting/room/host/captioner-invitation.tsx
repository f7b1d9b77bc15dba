/** Gets a link with which a person can write the captions. */
import { PenLine } from 'lucide-react';
import { useState } from 'react';
import type { HostService } from '../../api/host-service.ts';
import { useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';
import { useHostAction } from './use-host-action.ts';

export function CaptionerInvitationForm({ host }: { readonly host: HostService }) {
  const { host: words, notices } = useMessages();
  const { notify } = useNotices();
  const act = useHostAction();
  const [name, setName] = useState('');

  const invite = async () => {
    const { pagePath } = await host.inviteCaptioner(name.trim() || words.captionerDefaultName);
    const link = new URL(pagePath, location.origin).href;
    const copied = navigator.clipboard?.writeText(link) ?? Promise.reject(new Error('no clipboard'));
    await copied.then(
      () => notify(words.captionerLinkCopied),
      () => notify(notices.linkNotCopied(link), 'problem'),
    );
  };

  return (
    <section className="panel-section">
      <h3>{words.captioner}</h3>
      <p className="hint">{words.captionerHint}</p>
      <label htmlFor="captioner-name">{words.captionerName}</label>
      <input
        id="captioner-name"
        className="field"
        type="text"
        maxLength={80}
        placeholder={words.captionerDefaultName}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <button type="button" className="button small" onClick={() => act(invite())}>
        <PenLine aria-hidden size={18} />
        {words.captionerLink}
      </button>
    </section>
  );
}
