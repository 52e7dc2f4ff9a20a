import { layerCacheContract } from '../contracts/layer-cache.contract.ts';
import { type CacheJob, openJob } from '../support/cache-job.ts';
import { startCacheService } from '../support/cache-service.ts';

const MODES: Readonly<Record<string, string>> = { 'true true': '', 'true false': 'read', 'false true': 'write-only' };

layerCacheContract('the Actions cache', async () => {
  const service = await startCacheService();
  const jobs: CacheJob[] = [];
  return {
    async open({ readable = true, writable = true } = {}) {
      const job = await openJob(service, { environment: { ACTIONS_CACHE_MODE: MODES[`${readable} ${writable}`] } });
      jobs.push(job);
      return job.cache;
    },
    async dispose() {
      for (const job of jobs) await job.dispose();
      await service.close();
    },
  };
});
