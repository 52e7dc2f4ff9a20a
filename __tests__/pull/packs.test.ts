import { expect, test } from '@jest/globals';
import { digestOf } from '../../src/oci/digest.ts';
import type { PullEvent } from '../../src/outcome.ts';
import type { Ports } from '../../src/ports.ts';
import { blobName } from '../../src/pull/cache-keys.ts';
import { newMeter } from '../../src/pull/meter.ts';
import { packsOf } from '../../src/pull/packs.ts';

const target = digestOf('index');

test('a document of a pack that is larger than any may be is not even read: an archive can say so of a file of nothing', async () => {
  const adopted: string[] = [];
  const events: PullEvent[] = [];
  const files = [{ name: blobName(target), path: '/stage/index', size: 2 ** 40 }];
  const entry = { files, bytes: 2 ** 40, seconds: 1, dispose: async () => {} };
  const ports = {
    cache: { readable: true, restore: async () => entry },
    store: { adopt: async (file: string) => void adopted.push(file) },
    report: (event: PullEvent) => void events.push(event),
    now: () => 0,
  } as unknown as Ports;
  const packs = packsOf(ports, newMeter());
  await packs.open(target, ['linux/amd64']);
  expect(await packs.takeDocument(target)).toBe(false);
  expect(adopted).toEqual([]);
  expect(events).toMatchObject([
    {
      type: 'warning',
      message: `The Actions cache holds something else for ${target} (expected at most 4194304 bytes, found 1099511627776): it is fetched from the registry.`,
    },
  ]);
});
