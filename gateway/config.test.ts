import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

const required = {
  LIVEKIT_API_KEY: 'APItest',
  LIVEKIT_API_SECRET: 'a-secret-for-tests-of-more-than-32-characters',
};

describe('the configuration', () => {
  it('needs only the LiveKit key and secret', () => {
    expect(readConfig(required)).toMatchObject({
      livekitUrl: 'ws://127.0.0.1:7880',
      livekitPublicUrl: 'ws://127.0.0.1:7880',
      httpPort: 8080,
      socketPort: 8081,
      captionMode: 'on-demand',
      agentName: 'surtitre',
      demoAgentName: 'surtitre-demo',
      allowedOrigins: [],
    });
  });

  it('names every fault at once', () => {
    const read = () =>
      readConfig({
        LIVEKIT_API_SECRET: 'short',
        LIVEKIT_URL: 'http://127.0.0.1',
        SURTITRE_HTTP_PORT: '70000',
        SURTITRE_CAPTION_MODE: 'sometimes',
      });
    expect(read).toThrow(/LIVEKIT_API_KEY.*LIVEKIT_API_SECRET.*SURTITRE_HTTP_PORT.*SURTITRE_CAPTION_MODE/);
    expect(read).toThrow('5 fault(s)');
  });

  it('does without demo speakers when their name is empty', () => {
    expect(readConfig({ ...required, SURTITRE_DEMO_AGENT_NAME: '' }).demoAgentName).toBe('');
  });

  it('takes lists with spaces', () => {
    const origins = 'https://a.example, https://b.example,';
    expect(readConfig({ ...required, SURTITRE_ALLOWED_ORIGINS: origins }).allowedOrigins).toEqual([
      'https://a.example',
      'https://b.example',
    ]);
  });

  it('refuses origins with a path and proxies that are no addresses', () => {
    const read = (origins: string, proxies: string) => () =>
      readConfig({
        ...required,
        SURTITRE_ALLOWED_ORIGINS: origins,
        SURTITRE_TRUSTED_PROXIES: proxies,
      });
    expect(read('https://a.example/', '')).toThrow('SURTITRE_ALLOWED_ORIGINS');
    expect(read('', 'proxy.example')).toThrow('SURTITRE_TRUSTED_PROXIES');
    expect(read('', '10.0.0.0/33')).toThrow('SURTITRE_TRUSTED_PROXIES');
    expect(read('http://a.example:8080', '10.0.0.0/8,::1,fd00::/8')).not.toThrow();
  });
});
