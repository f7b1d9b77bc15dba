/** A fault in the page, or a part of it that could not be loaded, gives a sentence and never a blank page. */
import { Component, type ReactNode } from 'react';
import { ProblemPage } from './problem-page.tsx';

interface BoundaryProps {
  readonly children: ReactNode;
}

export class FailureBoundary extends Component<BoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return <ProblemPage kind="failed" onRetry={() => location.reload()} />;
  }
}
