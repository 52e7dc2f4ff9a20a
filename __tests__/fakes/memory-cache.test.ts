import { layerCacheContract } from '../contracts/layer-cache.contract.ts';
import { type Entries, type MemoryCache, memoryCache } from './memory-cache.ts';

layerCacheContract('the memory cache', async () => {
  const entries: Entries = new Map();
  const caches: MemoryCache[] = [];
  return {
    async open(rights) {
      const cache = memoryCache({ entries, ...rights });
      caches.push(cache);
      return cache;
    },
    async dispose() {
      for (const cache of caches) await cache.close();
    },
  };
});
