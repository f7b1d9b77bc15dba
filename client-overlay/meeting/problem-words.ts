/** From a failure to the words, or the page, that a person sees. */
import { ServiceProblem } from './api/service-problem.ts';
import type { Messages } from './language/messages-en.ts';
import type { PageProblem } from './problem-page.tsx';

export function pageProblemOf(failure: unknown): PageProblem {
  if (!(failure instanceof ServiceProblem)) return 'failed';
  switch (failure.kind) {
    case 'unreachable':
      return 'service-unreachable';
    // An id that the service finds malformed is, for the person who followed the link, a room that is not there.
    case 'unknown-room':
    case 'invalid':
      return 'unknown-room';
    case 'locked':
      return 'locked';
    case 'too-many-requests':
      return 'too-many';
    case 'not-now':
    case 'not-allowed':
    case 'failed':
      return 'failed';
  }
}

/** The same as one line, for a notice. */
export function problemWords(failure: unknown, { problems }: Messages): string {
  switch (pageProblemOf(failure)) {
    case 'service-unreachable':
      return `${problems.serviceUnreachable} ${problems.serviceUnreachableHint}`;
    case 'too-many':
      return `${problems.tooMany} ${problems.tooManyHint}`;
    case 'unknown-room':
      return `${problems.unknownRoom} ${problems.unknownRoomHint}`;
    default:
      return `${problems.failed} ${problems.failedHint}`;
  }
}
