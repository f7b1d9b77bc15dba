/** The meeting page as a browser gets it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../../test/support/start-gateway.ts';

describe('the meeting page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'surtitre-client-'));
  let gateway: TestGateway;

  beforeAll(async () => {
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>page</title>');
    writeFileSync(join(folder, 'surtitre-captions.js'), 'export {};');
    writeFileSync(join(folder, 'assets', 'index-C0FFEE.js'), 'export {};');
    gateway = await startTestGateway({ clientFolder: folder });
  });
  afterAll(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true });
  });

  const get = (path: string) => fetch(gateway.httpUrl + path);

  it('is one page for the start and for every room, and never stale', async () => {
    for (const path of ['/', '/r/abcd-efgh-ijkl-mnop-qrst', '/index.html']) {
      const response = await get(path);
      expect(await response.text()).toContain('<title>page</title>');
      expect(response.headers.get('content-type')).toContain('text/html');
      expect(response.headers.get('cache-control')).toBe('no-cache');
    }
  });

  it('keeps its hashed files for good', async () => {
    const response = await get('/assets/index-C0FFEE.js');
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-type')).toContain('javascript');
  });

  it('may open the captions and LiveKit sockets, and load nothing from elsewhere', async () => {
    const policy = (await get('/')).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toMatch(
      new RegExp(`connect-src 'self' ${gateway.socketUrl} http://\\S+ ws://127.0.0.1:9 `),
    );
  });

  it('lets other sites load the overlay, but not frame the page', async () => {
    const overlay = await get('/surtitre-captions.js');
    expect(overlay.headers.get('access-control-allow-origin')).toBe('*');
    expect(overlay.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    const page = await get('/');
    expect(page.headers.get('access-control-allow-origin')).toBeNull();
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
  });

  it('says how to build it where it is not built', async () => {
    const bare = await startTestGateway({ clientFolder: '/nonexistent' });
    const response = await fetch(bare.httpUrl);
    expect(response.status).toBe(503);
    expect(((await response.json()) as { detail: string }).detail).toContain('npm run build');
    await bare.close();
  });

  it('is found when it was built, or built anew, under a running gateway', async () => {
    const late = mkdtempSync(join(tmpdir(), 'surtitre-client-'));
    const early = await startTestGateway({ clientFolder: late });
    expect((await fetch(early.httpUrl)).status).toBe(503);
    writeFileSync(join(late, 'index.html'), '<title>built</title>');
    mkdirSync(join(late, 'assets'));
    writeFileSync(join(late, 'assets', 'index-NEW.js'), 'export {};');
    expect(await (await fetch(early.httpUrl)).text()).toContain('<title>built</title>');
    expect((await fetch(`${early.httpUrl}/assets/index-NEW.js`)).status).toBe(200);
    expect((await fetch(`${early.httpUrl}/assets/index-OLD.js`)).status).toBe(404);
    await early.close();
    rmSync(late, { recursive: true });
  });

  it('does NOT give out what lies outside its folder', async () => {
    for (const path of [
      '/../package.json',
      '/assets/..%2f..%2fpackage.json',
      '/%2e%2e/package.json',
      '/.git/HEAD',
    ]) {
      expect((await get(path)).status).toBeGreaterThanOrEqual(400);
    }
  });
});
