import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useMessages } from '../../language/language-provider.tsx';

/** Steps through the pages of a grid that does not fit. */
export function TilePages(props: {
  readonly page: number;
  readonly pages: number;
  readonly onNext: () => void;
  readonly onPrevious: () => void;
}) {
  const { room } = useMessages();
  return (
    <nav className="tile-pages" aria-label={room.pages}>
      <button
        type="button"
        className="quiet-button"
        aria-label={room.previousPage}
        disabled={props.page === 1}
        onClick={props.onPrevious}
      >
        <ChevronLeft aria-hidden />
      </button>
      <span role="status">{room.page(props.page, props.pages)}</span>
      <button
        type="button"
        className="quiet-button"
        aria-label={room.nextPage}
        disabled={props.page === props.pages}
        onClick={props.onNext}
      >
        <ChevronRight aria-hidden />
      </button>
    </nav>
  );
}
