/** How late captions are on this screen, measured here, for whoever wants to know or is asked by a support team. */
import { useEffect, useState } from 'react';
import { useLanguage, useMessages } from '../../language/language-provider.tsx';
import type { CaptionDelays, DelaySummary } from './caption-delays.ts';

const REFRESH_EVERY_MS = 1_000;
const STAGES = ['recognised', 'sent', 'painted', 'total'] as const;

export function CaptionDelaysTable({ delays }: { readonly delays: CaptionDelays }) {
  const { captionDelays } = useMessages();
  const language = useLanguage();
  const [summary, setSummary] = useState<DelaySummary | null>(delays.summary());
  useEffect(() => {
    const timer = setInterval(() => setSummary(delays.summary()), REFRESH_EVERY_MS);
    return () => clearInterval(timer);
  }, [delays]);
  if (summary === null) return <p>{captionDelays.none}</p>;
  const milliseconds = new Intl.NumberFormat(language, { style: 'unit', unit: 'millisecond' });
  return (
    <table className="delays">
      <caption>{captionDelays.of(summary.words)}</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">{captionDelays.half}</th>
          <th scope="col">{captionDelays.most}</th>
        </tr>
      </thead>
      <tbody>
        {STAGES.map((stage) => (
          <tr key={stage}>
            <th scope="row">{captionDelays.stages[stage]}</th>
            <td>{milliseconds.format(summary[stage].p50)}</td>
            <td>{milliseconds.format(summary[stage].p95)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
