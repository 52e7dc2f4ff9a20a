import { engineContract } from '../contracts/engine.contract.ts';
import { memoryEngine } from './memory-engine.ts';

engineContract('the memory engine', async () => ({ engine: memoryEngine(), dispose: async () => {} }));
engineContract('the memory engine that keeps manifests', async () => ({
  engine: memoryEngine({ keepsManifests: true }),
  dispose: async () => {},
  tellsManifests: true,
}));
