// node cache-parent.ts <folder> <url of a cache service> <key>: restores an entry and waits for it; to be killed meanwhile.
import path from 'node:path';
import { createLayerCache } from '../../src/github/layer-cache.ts';
import { tokenFor } from './cache-service/entries.ts';

const [folder = '', url = '', key = ''] = process.argv.slice(2);
const cache = createLayerCache({
  childPath: path.resolve(import.meta.dirname, '../../dist/cache/index.js'),
  staging: path.join(folder, 'staging'),
  environment: {
    PATH: `${path.join(folder, 'bin')}:${process.env.PATH}`,
    ACTIONS_CACHE_SERVICE_V2: 'True',
    ACTIONS_RESULTS_URL: url,
    ACTIONS_RUNTIME_TOKEN: tokenFor({ read: ['main'] }),
  },
  report: () => {},
  signal: new AbortController().signal,
});
process.stdout.write('started\n');
await cache.restore(key);
process.stdout.write('ended\n');
