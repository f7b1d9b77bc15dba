import { useEffect, useState } from 'react';
import type { DeploymentInfo } from '../../../protocol/room-api.ts';
import { getDeployment } from './room-service.ts';

/** It does not change while a page is open; asked again only if it did not answer. */
let answer: Promise<DeploymentInfo> | undefined;

function askOnce(): Promise<DeploymentInfo> {
  answer ??= getDeployment().catch((failure: unknown) => {
    answer = undefined;
    throw failure;
  });
  return answer;
}

/** What this installation offers; undefined until it has said so. */
export function useDeployment(): DeploymentInfo | undefined {
  const [deployment, setDeployment] = useState<DeploymentInfo>();
  useEffect(() => {
    let wanted = true;
    askOnce().then(
      (info) => {
        if (wanted) setDeployment(info);
      },
      // Nothing is offered then; whatever the person does next says what is wrong.
      () => {},
    );
    return () => {
      wanted = false;
    };
  }, []);
  return deployment;
}
