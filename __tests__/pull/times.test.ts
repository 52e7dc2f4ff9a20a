import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PullError } from '../../src/errors.ts';
import type { Registry } from '../../src/ports.ts';
import { memoryStore } from '../fakes/memory-store.ts';
import { type Flow, flowOver } from '../support/flow.ts';
import { imageBag } from '../support/image-builder.ts';

let flow: Flow;
let clock: number;
beforeEach(async () => {
  const bag = imageBag();
  for (const name of ['held', 'limited']) bag.tag(name, '1', await bag.image({ layers: [name] }));
  flow = await flowOver(bag);
  clock = 0;
});
afterEach(() => flow.close());

/** A registry that has one image wait for a minute of the clock, while all that needs no network is done. */
const slowFor = (client: Registry, failure?: PullError): Registry => ({
  ...client,
  async resolve(repository, ...rest) {
    if (repository.path !== 'limited') return client.resolve(repository, ...rest);
    for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
    clock += 60_000;
    if (failure) throw failure;
    return client.resolve(repository, ...rest);
  },
});

const tooMany = new PullError('TOOMANYREQUESTS', 'limited', 'wait');

test.each([
  ['that is limited and comes', undefined],
  ['that is limited and fails', tooMany],
])('the time of an image is its own, beside one %s', async (_, failure) => {
  const store = memoryStore();
  await flow.pull({ images: 'HOST/held:1' }, { store });
  const images = 'HOST/held:1\nHOST/limited:1\nNo Name';
  const parts = { store, now: () => clock, instead: (client: Registry) => slowFor(client, failure) };
  const outcome = await flow.pull({ images, 'pull-policy': 'missing' }, parts);
  expect(outcome.images.map(({ error }) => error?.code)).toEqual([undefined, failure?.code, 'REFERENCE_INVALID']);
  expect(outcome.images.map(({ seconds }) => seconds)).toEqual([0, 60, 0]);
  expect(outcome.totals.seconds).toBe(60);
});
