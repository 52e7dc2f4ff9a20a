import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something is so; throws if it is not after ten seconds, before the test itself runs out of time. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const since = performance.now();
  while (!(await isSo())) {
    if (performance.now() - since > 10_000) throw new Error(`not so after ten seconds: ${isSo}`);
    await sleep(5);
  }
}
