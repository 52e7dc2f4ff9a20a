import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CACHE_TIMES } from '../../../src/github/layer-cache.ts';
import { type CacheJob, openJob, putEntry } from '../../support/cache-job.ts';
import { type CacheService, startCacheService } from '../../support/cache-service.ts';
import { runChild } from '../../support/child.ts';

// A program that tar runs to unpack, says who it is, and never ends.
const PROGRAMS = Object.fromEntries(
  ['unzstd', 'gzip'].map((name) => [name, 'echo $$ > "$RUNNER_TEMP/../pid"; exec sleep 300']),
);

let service: CacheService;
let job: CacheJob;
beforeEach(async () => {
  service = await startCacheService();
  await putEntry(service, 'entry-1', [{ name: 'pull-image/', type: 'folder', mode: 0o755 }, { name: 'pull-image/a' }]);
});
afterEach(async () => {
  await job.dispose();
  await service.close();
});

/** The pid of the program, once it runs. */
async function programIn(folder: string): Promise<number> {
  for (;;) {
    const staging = path.join(folder, 'staging');
    const files = await readdir(staging, { recursive: true }).catch(() => []);
    const file = files.find((name) => path.basename(name) === 'pid');
    const pid = file && Number(await readFile(path.join(staging, file), 'utf8').catch(() => ''));
    if (pid) return pid;
    await sleep(20);
  }
}

async function ends(pid: number): Promise<void> {
  for (;;) {
    // A dead process nobody has waited for is still to be seen.
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (state === undefined || /\) [ZX] /.test(state)) return;
    await sleep(20);
  }
}

test('what runs beyond its time is ended with every program it started, and leaves nothing', async () => {
  job = await openJob(service, { programs: PROGRAMS, times: { ...CACHE_TIMES, restoreUnknown: 2000 } });
  const restored = job.cache.restore('entry-1');
  const pid = await programIn(job.folder);
  expect(await restored).toBeUndefined();
  await ends(pid);
  const [run = ''] = await readdir(path.join(job.folder, 'staging'));
  expect(await readdir(path.join(job.folder, 'staging', run))).toEqual([]);
}, 20_000);

test('what takes more of the disk than it announces is ended before its time is up, and leaves nothing', async () => {
  // 200 MB where a layer of 1 kB was to come.
  const bomb =
    'cd "$(mktemp -d -p "$RUNNER_TEMP")"; mkdir pull-image; truncate -s 200M pull-image/a; env -u TAR_OPTIONS tar -c pull-image; sleep 60';
  job = await openJob(service, { programs: { unzstd: bomb, gzip: bomb } });
  const startedAt = Date.now();
  const restored = job.cache.restore('entry-1', 1000);
  expect(await restored).toBeUndefined();
  expect(Date.now() - startedAt).toBeLessThan(10_000);
  expect(job.said()).toEqual([
    'warning: An entry of the Actions cache cannot be read (it holds more than it should): its bytes come from elsewhere.',
  ]);
  const [run = ''] = await readdir(path.join(job.folder, 'staging'));
  expect(await readdir(path.join(job.folder, 'staging', run))).toEqual([]);
}, 20_000);

test('a cancelled run ends it at once, without a word', async () => {
  job = await openJob(service, { programs: PROGRAMS });
  const restored = job.cache.restore('entry-1');
  const pid = await programIn(job.folder);
  job.controller.abort();
  expect(await restored).toBeUndefined();
  await ends(pid);
  expect(await job.cache.restore('entry-1')).toBeUndefined();
  expect(await job.cache.save('entry-2', [])).toBe('failed');
  expect(job.said()).toEqual([]);
}, 20_000);

test('the end does so too; the folder only we can enter is gone', async () => {
  job = await openJob(service, { programs: PROGRAMS });
  const restored = job.cache.restore('entry-1');
  const pid = await programIn(job.folder);
  const [run = ''] = await readdir(path.join(job.folder, 'staging'));
  expect((await lstat(path.join(job.folder, 'staging', run))).mode & 0o777).toBe(0o700);
  await job.cache.close();
  expect(await restored).toBeUndefined();
  await ends(pid);
  expect(await readdir(path.join(job.folder, 'staging'))).toEqual([]);
}, 20_000);

test('if we are killed the child ends by itself, with its programs, and clears up', async () => {
  job = await openJob(service, { programs: PROGRAMS });
  const parent = runChild('cache-parent.ts', [job.folder, service.url, 'entry-1']);
  await parent.says('started');
  const pid = await programIn(job.folder);
  parent.process.kill('SIGKILL');
  expect(await parent.ended).toBe('SIGKILL');
  await ends(pid);
  while ((await readdir(path.join(job.folder, 'staging'))).length > 0) await sleep(20);
}, 20_000);
