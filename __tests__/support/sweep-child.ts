import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { storeCare } from '../../src/store/care.ts';
import { openStore } from '../../src/store/layout-store.ts';
import { age, hasAll, listedNames, type Made, makeImage, writeBlobs } from './stored-image.ts';

// node sweep-child.ts <store> sweep <bytes>      sweeps until stdin ends, then says how much went: {"sweeps":…,"images":…,"bytes":…}
// node sweep-child.ts <store> jobs <first> <n>   n jobs, one after the other: each leases an image, brings it in, uses it and lets it go
// node sweep-child.ts <store> hold <number>      a job that brings in one image, says `holding` and never lets go
const [root = '', task = '', first = '0', count = '0'] = process.argv.slice(2);
const IMAGES = 6;

/** All of one base, so that what one sweep may take the next job needs. */
const imageOf = (number: number): Promise<Made> => makeImage({ layers: ['base', `top${number}`], layerSize: 250_000 });

if (task === 'sweep') await sweepOn(Number(first));
if (task === 'jobs') for (let at = 0; at < Number(count); at += 1) await job((Number(first) + at * 5) % IMAGES);
if (task === 'hold') {
  const { store, made, name } = await bringIn(Number(first));
  await mustHave(made, name, store);
  process.stdout.write('holding\n');
  await sleep(600_000);
}

async function sweepOn(bytes: number): Promise<void> {
  await openStore(root);
  const care = storeCare(root);
  const sum = { sweeps: 0, images: 0, bytes: 0 };
  let ends = false;
  process.stdin.resume();
  void once(process.stdin, 'end').then(() => {
    ends = true;
  });
  while (!ends) {
    const swept = await care.sweep(bytes);
    sum.sweeps += 1;
    sum.images += swept.images;
    sum.bytes += swept.bytes;
    // Who waits for the lock looks for it every 50 ms.
    await sleep(Math.random() * 20);
  }
  process.stdout.write(`${JSON.stringify(sum)}\n`);
}

async function job(number: number): Promise<void> {
  const { store, made, name, lease } = await bringIn(number);
  for (let look = 0; look < 4; look += 1) {
    await mustHave(made, name, store);
    await sleep(2);
  }
  await store.release(lease);
}

/** As the flow does it: marked, looked for, fetched, kept, named. */
async function bringIn(number: number) {
  const store = await openStore(root);
  const made = await imageOf(number);
  const name = `app:${number}`;
  const lease = await store.lease(made.blobs.map(({ digest }) => digest));
  await writeBlobs(store, made, made.blobs);
  // Nothing but the lease protects them.
  await age(root, made.blobs);
  await store.record([{ name, target: made.target, at: Date.now() }]);
  return { store, made, name, lease };
}

async function mustHave(made: Made, name: string, store: Awaited<ReturnType<typeof openStore>>): Promise<void> {
  if (!(await hasAll(store, made.blobs))) throw new Error(`${name} lost a blob`);
  if (!(await listedNames(root)).includes(name)) throw new Error(`${name} is not listed`);
  if ((await store.named(name))?.target.digest !== made.target.digest) throw new Error(`${name} lost its name`);
}
