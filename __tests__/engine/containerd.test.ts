import { connectContainerd } from '../../src/engine/containerd.ts';
import { offerImage } from '../../src/server/offer.ts';
import { engineContract } from '../contracts/engine.contract.ts';
import { ownContainerd } from '../support/containerd.ts';
import { hasPart, ROOT, realTest } from '../support/real-parts.ts';

async function realContainerd() {
  const { environment, stop } = await ownContainerd();
  const engine = await connectContainerd({ environment, offerImage, signal: new AbortController().signal });
  return { engine, dispose: stop, wholeNames: true };
}

const parts = ['containerd', 'ctr', ROOT];
engineContract('containerd', realContainerd, realTest(...parts), hasPart(...parts));
