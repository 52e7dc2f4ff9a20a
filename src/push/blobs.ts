import type { Gate } from '../lib/pool.ts';
import { once } from '../lib/pool.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { canonicalName, familiarName, type Reference, type Repository } from '../oci/reference.ts';
import type { PushedBlob } from '../outcome/push.ts';
import type { Report } from '../outcome.ts';
import type { Store, Uploads } from '../ports.ts';
import { isForeign } from './contents.ts';
import { uploadGauge } from './gauge.ts';

/** Has a blob in a repository; `from` is where it was pulled from. */
export type Bring = (blob: Descriptor, to: Repository, from: Reference | undefined) => Promise<PushedBlob>;

/**
 * Brings each blob to each repository once. Where several repositories of one registry are to have the same blob, its bytes are sent to the first alone, and the others wait
 * to have it mounted from there.
 */
export function bringer(
  {
    uploads,
    store,
    report,
  }: { readonly uploads: Uploads; readonly store: Pick<Store, 'open'>; readonly report: Report },
  gate: (domain: string) => Gate,
): Bring {
  const each = once<PushedBlob>();
  const gauge = uploadGauge(store, report);
  /** By registry and digest: the last repository that has it or is about to. */
  const homes = new Map<string, Promise<Repository | undefined>>();

  async function bring(blob: Descriptor, to: Repository, from: Repository | undefined): Promise<PushedBlob> {
    const { digest, size } = blob;
    const { source, end } = gauge(blob);
    const how = await gate(to.domain)(() => uploads.blob(to, blob, source, from)).finally(end);
    return { digest, size, how, ...(how === 'mounted' && from ? { from: familiarName(from) } : {}) };
  }

  return async (blob, to, from) => {
    const { digest, size } = blob;
    if (isForeign(blob)) return { digest, size, how: 'foreign' };
    return each(`${canonicalName(to)} ${digest}`, async () => {
      const place = `${to.domain} ${digest}`;
      const earlier = homes.get(place);
      const source = from && from.domain === to.domain && from.path !== to.path ? from : undefined;
      const brought = (async () => bring(blob, to, (await earlier) ?? source))();
      // Who waits for this one takes what was there before it, should it fail.
      homes.set(
        place,
        brought.then(() => to).catch(() => earlier),
      );
      return brought;
    });
  };
}
