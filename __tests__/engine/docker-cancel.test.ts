import { expect } from '@jest/globals';
import { connectDocker } from '../../src/engine/docker.ts';
import { dockerHost } from '../../src/engine/docker-host.ts';
import { imageBag } from '../support/image-builder.ts';
import { loadableFrom } from '../support/loadable.ts';
import { newerDocker, ownDocker } from '../support/own-docker.ts';
import { NEWER_DOCKER, ROOT, realTest } from '../support/real-parts.ts';

const NAME = 'registry.example/acme/large:1';

// The store gives the name before it unpacks, which takes a while for so large a layer.
realTest(
  'docker',
  'dockerd',
  ROOT,
  NEWER_DOCKER,
)(
  'a cancelled run leaves the containerd store no name of an image that was being loaded',
  async () => {
    const own = await ownDocker({ newer: newerDocker(), store: 'containerd' });
    try {
      await own.start();
      const host = dockerHost(own.environment);
      if (!host) throw new Error('DOCKER_HOST is set');
      const bag = imageBag();
      const image = loadableFrom(bag, NAME, await bag.image({ layers: ['large'], layerSize: 60_000_000 }));
      const cancel = new AbortController();
      const engine = await connectDocker(host, cancel.signal);
      const names = () => own.docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}');
      const loaded = engine.load(image, bag.source).catch((error: unknown) => error);
      while (!(await names()).includes(NAME)) await new Promise(setImmediate);
      cancel.abort();
      expect(await loaded).toMatchObject({ code: 'CANCELLED' });
      expect(await names()).toBe('');
      expect((await (await connectDocker(host, new AbortController().signal)).load(image, bag.source)).local).toBe(
        NAME,
      );
    } finally {
      await own.dispose();
    }
  },
  60_000,
);
