/** A Redis or Valkey server for the tests of several gateways. */
import { provideDebianPackage } from './debian-package.mjs';

export async function provideRedis(root) {
  if (process.env.REDIS_SERVER_BIN) return;
  await provideDebianPackage(root, {
    name: 'redis-server',
    title: 'Redis',
    programs: ['redis-server', 'valkey-server'],
    lost: 'or name a redis-server with REDIS_SERVER_BIN. The tests of several gateways are',
  });
}
