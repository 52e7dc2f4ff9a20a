import { createRegistry } from '../../src/registry/registry.ts';
import { collect, repositoryAt } from './client.ts';

// node resting-child.ts <host> <blob>...: pulls the blobs at once over one connection, and says `all` at the end.
const [host = '', ...blobs] = process.argv.slice(2);
const registry = createRegistry({
  userAgent: 'pull-image/test',
  signal: new AbortController().signal,
  report: () => {},
  connections: 1,
  insecureRegistries: [host],
});
const pulls = blobs.map(async (blob) => {
  await collect(registry.blob(repositoryAt(host), JSON.parse(blob)));
});
await Promise.all(pulls);
process.stdout.write('all\n');
await registry.close();
