import { connectDocker } from '../../src/engine/docker.ts';
import { dockerHost } from '../../src/engine/docker-host.ts';
import { engineContract } from '../contracts/engine.contract.ts';
import { newerDocker, ownDocker } from '../support/own-docker.ts';
import { hasPart, NEWER_DOCKER, ROOT, realTest } from '../support/real-parts.ts';

const parts = ['docker', 'dockerd', ROOT, NEWER_DOCKER];

for (const store of ['graphdriver', 'containerd'] as const) {
  const make = async () => {
    const own = await ownDocker({ newer: newerDocker(), store });
    await own.start();
    const host = dockerHost(own.environment);
    if (!host) throw new Error('no Docker daemon');
    const engine = await connectDocker(host, new AbortController().signal);
    return { engine, dispose: own.dispose, tellsManifests: store === 'containerd' };
  };
  engineContract(`a later Docker, ${store} store`, make, realTest(...parts), hasPart(...parts));
}
