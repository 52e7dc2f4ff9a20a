import { connectPodman } from '../../src/engine/podman.ts';
import { offerImage } from '../../src/server/offer.ts';
import { engineContract } from '../contracts/engine.contract.ts';
import { ownPodman } from '../support/podman.ts';
import { hasPart, realTest } from '../support/real-parts.ts';

async function realPodman() {
  const { environment, dispose } = await ownPodman();
  const engine = await connectPodman({ environment, offerImage, signal: new AbortController().signal });
  return { engine, dispose, believesConfigs: /^Podman [1-4]\./.test(engine.title) };
}

engineContract('Podman', realPodman, realTest('podman'), hasPart('podman'));
