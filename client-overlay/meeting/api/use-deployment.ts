import { useEffect, useState } from 'react';
import type { DeploymentInfo } from '../../../protocol/room-api.ts';
import { getDeployment } from './room-service.ts';

/** What this installation offers; undefined until it has said so, and for good if it does not answer. */
export function useDeployment(): DeploymentInfo | undefined {
  const [deployment, setDeployment] = useState<DeploymentInfo>();
  useEffect(() => {
    let asking = true;
    getDeployment().then(
      (answer) => {
        if (asking) setDeployment(answer);
      },
      // Nothing is offered then; whatever the person does next says what is wrong.
      () => {},
    );
    return () => {
      asking = false;
    };
  }, []);
  return deployment;
}
