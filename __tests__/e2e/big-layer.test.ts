import { readFileSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { type Child, runChild } from '../support/child.ts';
import { newRunner, type Runner } from '../support/runner.ts';
import { auditStore } from '../support/store-audit.ts';

const MB = 1_000_000;
/** 4 GiB and one byte: beyond what 32 bits count. */
const SIZE = 2 ** 32 + 1;
const FREE = 6_000 * MB;
const MOST_MEMORY = 300 * MB;

let registry: Child | undefined;
let runner: Runner | undefined;
afterEach(async () => {
  registry?.process.stdin?.end();
  await registry?.ended;
  await runner?.dispose();
});

/** The most memory that a process had in RAM so far, in bytes (`VmHWM`); undefined when it is gone. */
function peakOf(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux(
  'a layer of 4 GB comes into the store with a peak of less than 300 MB of memory',
  async () => {
    const { bavail, bsize } = await statfs(tmpdir());
    expect({ folder: tmpdir(), enoughFree: bavail * bsize > FREE }).toEqual({ folder: tmpdir(), enoughFree: true });

    // A process of its own makes the bytes, so that the memory measured is the action's alone.
    registry = runChild('big-layer-child.ts', [String(SIZE)]);
    await registry.says('\n');
    const [, host, manifest, layer = ''] = registry.output().trim().split(' ');

    runner = await newRunner();
    const startedAt = performance.now();
    const step = await runner.start({ images: `${host}/big/layer:1`, platforms: 'linux/amd64', engine: 'none' });
    let peak = 0;
    const sampling = setInterval(() => {
      peak = Math.max(peak, peakOf(step.process.pid) ?? 0);
    }, 50);
    const { code, errors, stderr, outputs } = await step.done.finally(() => clearInterval(sampling));
    const seconds = (performance.now() - startedAt) / 1000;
    process.stderr.write(
      `big layer: ${SIZE / MB} MB in ${seconds.toFixed(1)} s, peak memory ${Math.round(peak / MB)} MB\n`,
    );

    expect({ code, errors, stderr }).toEqual({ code: 0, errors: [], stderr: '' });
    expect(outputs.digest).toBe(manifest);
    const { size } = await stat(path.join(outputs.store ?? '', 'blobs', layer.replace(':', '/')));
    expect(size).toBe(SIZE);
    expect([...(await auditStore(outputs.store ?? '')).blobs]).toContain(layer);
    expect(JSON.parse(outputs.json ?? '').totals).toMatchObject({ layers: 1, bytes: SIZE, downloaded: SIZE });
    expect(peak).toBeGreaterThan(20 * MB);
    expect(peak).toBeLessThan(MOST_MEMORY);
  },
  480_000,
);
