import { storeContract } from '../contracts/store.contract.ts';
import { memoryStore } from './memory-store.ts';

storeContract('the memory store', async () => {
  const store = memoryStore();
  return {
    store,
    damage: async (digest, bytes) => {
      store.blobs.set(digest, bytes);
    },
    dispose: async () => {},
  };
});
