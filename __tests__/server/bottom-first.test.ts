import { expect, test } from '@jest/globals';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import type { BlobSource } from '../../src/ports.ts';
import { bottomFirst } from '../../src/server/bottom-first.ts';

const blob = (name: string): Descriptor => ({ mediaType: 'layer', digest: digestOf(name), size: 3 });
const [bottom, top, config] = [blob('bottom'), blob('top'), blob('config')];
/** Three chunks each. */
const source: BlobSource = {
  async *open() {
    for (let chunk = 0; chunk < 3; chunk += 1) yield Buffer.of(chunk);
  },
};
/** A clock that goes on only when somebody sleeps. */
const clock = () => {
  let time = 0;
  return {
    now: () => time,
    async sleep(ms: number) {
      time += ms;
      await new Promise(setImmediate);
    },
  };
};

/** Reads every chunk as soon as it comes; `pause` comes between two. */
async function read(from: BlobSource, of: Descriptor, told: (digest: string) => void, pause?: () => Promise<unknown>) {
  for await (const _ of from.open(of)) {
    told(of.digest);
    await pause?.();
  }
}

test.each([
  ['bottom', [bottom, top]],
  ['top', [top, bottom]],
])(
  'of two layers asked for at once, the %s first, the bottom one is whole before the other begins',
  async (_, asked) => {
    const order: string[] = [];
    const from = bottomFirst([bottom, top], source, clock());
    const next = () => new Promise(setImmediate);
    await Promise.all(asked.map((layer) => read(from, layer, (digest) => order.push(digest), next)));
    expect(order).toEqual([bottom, bottom, bottom, top, top, top].map(({ digest }) => digest));
  },
);

test('a bottom layer that its reader leaves lying holds up the others for 50 ms', async () => {
  const time = clock();
  const from = bottomFirst([bottom, top], source, time);
  const lying = from.open(bottom)[Symbol.asyncIterator]();
  await lying.next();
  await read(from, top, () => {});
  expect(time.now()).toBe(50);
  await lying.return?.();
});

test('a bottom layer whose bytes do not come holds up nobody for longer', async () => {
  const time = clock();
  const silent: BlobSource = {
    async *open(of) {
      if (of.digest === bottom.digest) await new Promise(() => {});
      yield* source.open(of);
    },
  };
  const from = bottomFirst([bottom, top], silent, time);
  void from.open(bottom)[Symbol.asyncIterator]().next();
  await read(from, top, () => {});
  expect(time.now()).toBe(50);
});

test('what is no layer waits for none, and a layer below for none above it', async () => {
  const time = clock();
  const from = bottomFirst([bottom, top], source, time);
  const lying = from.open(top)[Symbol.asyncIterator]();
  await lying.next();
  await read(from, bottom, () => {});
  await read(from, config, () => {});
  expect(time.now()).toBe(0);
  await lying.return?.();
});
