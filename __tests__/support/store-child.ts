import { openStore } from '../../src/store/layout-store.ts';
import { inChunks, randomBlob } from './store-blobs.ts';

// node store-child.ts <store> <prefix> <count>: writes a blob and a name for it, `count` times, and says so after each.
const [root = '', prefix = '', count = '0'] = process.argv.slice(2);
const store = await openStore(root);
for (let number = 0; number < Number(count); number += 1) {
  const { bytes, descriptor } = randomBlob(200_000);
  await store.write(descriptor, inChunks(bytes, 20_000));
  const name = `${prefix}:${number}`;
  await store.record([{ name, target: descriptor, at: Date.now() }]);
  process.stdout.write(`${name} ${descriptor.digest}\n`);
}
