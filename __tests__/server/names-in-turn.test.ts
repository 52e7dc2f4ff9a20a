import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pushBlob } from '../support/docker-registry.ts';
import { type Served, served } from '../support/serving.ts';
import { type Made, makeImage } from '../support/stored-image.ts';

const ROUNDS = 12;

let registry: Served;
beforeEach(async () => {
  registry = await served();
});
afterEach(() => registry.dispose());

async function images(count: number): Promise<readonly Made[]> {
  const made = await Promise.all(
    Array.from({ length: count }, (_, at) => makeImage({ layers: ['base', `app ${at}`] })),
  );
  for (const { bag, target } of made)
    for (const { bytes, descriptor } of bag.blobs.values())
      if (descriptor.digest !== target.digest) await pushBlob(registry.host, 'app', bytes);
  return made;
}

const at = (reference: string) => `app/manifests/${reference}`;
const put = async (tag: string, { bag, target }: Made) => {
  const headers = { 'content-type': target.mediaType };
  return (await registry.ask('PUT', at(tag), bag.blobs.get(target.digest)?.bytes, headers)).status;
};
const statusOf = async (method: string, reference: string) => (await registry.ask(method, at(reference))).status;

test('of pushes of one tag at once none is lost: each manifest stays under its digest', async () => {
  const made = await images(4 * ROUNDS);
  for (let from = 0; from < made.length; from += 4) {
    const four = made.slice(from, from + 4);
    expect(await Promise.all(four.map((image) => put('t', image)))).toEqual([201, 201, 201, 201]);
    expect(await Promise.all(four.map(({ target }) => statusOf('HEAD', target.digest)))).toEqual([200, 200, 200, 200]);
  }
}, 30_000);

test('deleting a digest while its tag moves takes neither the tag nor what it moved to', async () => {
  const made = await images(2 * ROUNDS);
  for (let round = 0; round < ROUNDS; round += 1) {
    const [old, next] = made.slice(2 * round) as [Made, Made];
    const tag = `t${round}`;
    expect(await put(tag, old)).toBe(201);
    expect(await Promise.all([statusOf('DELETE', old.target.digest), put(tag, next)])).toEqual([202, 201]);
    expect(await Promise.all([tag, next.target.digest].map((reference) => statusOf('HEAD', reference)))).toEqual([
      200, 200,
    ]);
    expect(await statusOf('HEAD', old.target.digest)).toBe(404);
  }
}, 30_000);
