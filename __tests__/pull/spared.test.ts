import { expect, test } from '@jest/globals';
import type { Registry } from '../../src/ports.ts';
import { memoryStore } from '../fakes/memory-store.ts';
import { flowOver } from '../support/flow.ts';
import { imageBag } from '../support/image-builder.ts';

test('of each quota it is known how many images of its registry came without a GET of a manifest', async () => {
  const bag = imageBag();
  for (const tag of ['1', '2', '3']) bag.tag('app', tag, await bag.image({ layers: [tag] }));
  const flow = await flowOver(bag);
  const store = memoryStore();
  const quota = { limit: 100, remaining: 50, windowSeconds: 60, isOfAccount: false };
  const quotas = [flow.server.host, 'docker.io'].map((registry) => ({ ...quota, registry }));
  const instead = (client: Registry): Registry => ({ ...client, quotas: () => quotas });
  const pull = (images: string) => flow.pull({ images, engine: 'none' }, { store, instead });
  const sparedBy = async (images: string) =>
    (await pull(images)).quotas?.map(({ registry, spared }) => [registry === flow.server.host, spared]);
  expect(await sparedBy('HOST/app:1\nHOST/app:2')).toEqual([
    [true, 0],
    [false, 0],
  ]);
  flow.requests();
  expect(await sparedBy('HOST/app:1\nHOST/app:2\nHOST/app:3\nHOST/app:gone')).toEqual([
    [true, 2],
    [false, 0],
  ]);
  expect(flow.requests().filter((request) => request.startsWith('GET /v2/app/manifests/sha256:'))).toHaveLength(1);
  expect((await flow.pull({ images: 'HOST/app:1', engine: 'none' }, { store })).quotas).toBeUndefined();
  await flow.close();
});
