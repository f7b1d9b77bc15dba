/** Messages of this meeting. New ones are read out by the page's live region, so that the list itself is quiet. */
import { formatChatMessageLinks, type ReceivedChatMessage } from '@livekit/components-react';
import { SendHorizontal } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useLocale, useMessages } from '../../language/language-provider.tsx';
import { useNotices } from '../../notices/notices-provider.tsx';
import { SidePanelFrame } from '../side-panel-frame.tsx';

/** Older ones are not drawn: a long meeting must not slow the page down. */
const SHOWN_MESSAGES = 300;
const LONGEST_MESSAGE = 2_000;

export function ChatPanel(props: {
  readonly messages: readonly ReceivedChatMessage[];
  readonly onSend: (text: string) => Promise<unknown>;
  readonly onClose: () => void;
}) {
  const { chat } = useMessages();
  const list = useRef<HTMLOListElement>(null);
  const shown = props.messages.slice(-SHOWN_MESSAGES);
  const newest = shown.at(-1)?.id;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new message is the reason to scroll.
  useEffect(() => {
    list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' });
  }, [newest]);

  return (
    <SidePanelFrame title={chat.title} closeName={chat.close} onClose={props.onClose}>
      {shown.length === 0 ? <p className="panel-empty">{chat.empty}</p> : null}
      <ol ref={list} className="chat-list">
        {shown.map((message) => (
          <ChatLine key={message.id} message={message} />
        ))}
      </ol>
      <ChatForm onSend={props.onSend} />
    </SidePanelFrame>
  );
}

function ChatLine({ message }: { readonly message: ReceivedChatMessage }) {
  const { room } = useMessages();
  const locale = useLocale();
  const name = message.from?.name || room.someone;
  const time = new Date(message.timestamp);
  return (
    <li className="chat-line" data-own={message.from?.isLocal === true}>
      <p className="chat-line-head">
        <strong>{message.from?.isLocal === true ? room.nameAndYou(name) : name}</strong>
        <time dateTime={time.toISOString()}>
          {time.toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' })}
        </time>
      </p>
      <p className="chat-line-text">{formatChatMessageLinks(message.message)}</p>
    </li>
  );
}

function ChatForm({ onSend }: { readonly onSend: (text: string) => Promise<unknown> }) {
  const { chat } = useMessages();
  const { notify } = useNotices();
  const [text, setText] = useState('');
  const [sending, setSending] = useState(false);

  const send = async () => {
    const message = text.trim();
    if (message === '' || sending) return;
    setSending(true);
    try {
      await onSend(message);
      setText('');
    } catch {
      // The text stays in the field, to be sent again.
      notify(chat.failed, 'problem');
    } finally {
      setSending(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send();
  };
  const sendOnEnter = (event: KeyboardEvent) => {
    // While an input method composes, Enter chooses a character.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };

  return (
    <form className="chat-form" onSubmit={submit}>
      <label className="for-ears" htmlFor="chat-text">
        {chat.label}
      </label>
      <textarea
        id="chat-text"
        className="field"
        rows={2}
        maxLength={LONGEST_MESSAGE}
        placeholder={chat.label}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={sendOnEnter}
      />
      <button type="submit" className="send-button" aria-label={chat.send} aria-disabled={sending}>
        <SendHorizontal aria-hidden size={20} />
      </button>
    </form>
  );
}
