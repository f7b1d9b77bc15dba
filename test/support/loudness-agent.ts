/** A whole agent, except that its engine hears loudness only; several may run in one process. */
import { type Agent, startAgent } from '../../agents/agent.ts';
import { readConfig } from '../../agents/config.ts';
import { createLog } from '../../runtime/log.ts';
import { LoudnessEngine } from './loudness-engine.ts';

let started = 0;

export class LoudnessAgent {
  readonly #agent: Agent;
  readonly #engine: LoudnessEngine;

  private constructor(agent: Agent, engine: LoudnessEngine) {
    this.#agent = agent;
    this.#engine = engine;
  }

  /** Resolves when this LiveKit server knows it. */
  static async start(
    livekit: { readonly url: string; readonly apiKey: string; readonly apiSecret: string },
    uplinkUrl: string,
  ): Promise<LoudnessAgent> {
    const engine = new LoudnessEngine();
    started += 1;
    const agent = startAgent({
      config: readConfig({
        LIVEKIT_URL: livekit.url,
        LIVEKIT_API_KEY: livekit.apiKey,
        LIVEKIT_API_SECRET: livekit.apiSecret,
        SURTITRE_AGENT_ID: `loudness-${started}`,
        SURTITRE_UPLINK_URL: uplinkUrl,
      }),
      engine,
      log: createLog('agent', process.env.TEST_LOG ?? 'silent'),
      onFailed: (error) => {
        throw error;
      },
    });
    await agent.ready;
    return new LoudnessAgent(agent, engine);
  }

  /** Audio that its open streams have been given. */
  get heardMs(): number {
    return [...this.#engine.streams].reduce((sum, { heardMs }) => sum + heardMs, 0);
  }

  async close(): Promise<void> {
    await this.#agent.close();
    await this.#engine.close();
  }
}
