import { setTimeout as sleep } from 'node:timers/promises';
import { gate } from '../lib/pool.ts';
import { familiarReference, type Reference } from '../oci/reference.ts';
import type { MovedTag } from '../outcome.ts';
import { lockKey } from '../settings/locked.ts';
import type { WantedImage } from '../settings.ts';
import type { Run } from './run.ts';

/** Tags that are being asked for while their locked digests are pulled. */
export interface Watch {
  /** The tags that have moved, reported too; what has not been answered a second from now is given up. Never throws. */
  end(): Promise<readonly MovedTag[]>;
}

/** The pull is over: nobody waits longer than this for the rest. */
const PATIENCE_MS = 1_000;

/**
 * Asks once for each locked tag where it points now, beside the pull and never in its way: not through its gates, without retries. A registry that does not say is one
 * notice. Nothing is asked unless the policy is `always` and there is a lock file.
 */
export function watchTags(wanted: readonly WantedImage[], run: Run): Watch {
  const { request, ports } = run;
  const { tagWatch, report } = ports;
  if (!tagWatch || !request.lock || request.policy !== 'always') return { end: async () => [] };
  const some = gate(4);
  const tags = new Map(wanted.flatMap((image) => ('reference' in image ? lockedTag(image.reference) : [])));
  const moved: MovedTag[] = [];
  const silent = new Set(tags.keys());
  const answers = [...tags].map(([name, { reference, locked }]) =>
    some(async () => {
      const now = await tagWatch(reference, reference.tag);
      silent.delete(name);
      if (now !== locked) moved.push({ reference: name, locked, now });
    }).catch(() => {}),
  );
  return {
    async end() {
      const waiting = new AbortController();
      await Promise.race([
        Promise.all(answers),
        sleep(PATIENCE_MS, undefined, { signal: waiting.signal }).catch(() => {}),
      ]);
      waiting.abort();
      for (const tag of moved) report({ type: 'moved', tag });
      if (silent.size > 0 && !ports.signal.aborted) report({ type: 'notice', message: silence(silent, tags) });
      return [...moved];
    },
  };
}

type Tags = ReadonlyMap<string, { readonly reference: Tagged; readonly locked: MovedTag['locked'] }>;
type Tagged = Reference & { readonly tag: string };

function lockedTag(reference: Reference): [string, { reference: Tagged; locked: MovedTag['locked'] }][] {
  const { domain, path, tag, digest } = reference;
  const name = lockKey(reference);
  return tag && digest && name ? [[name, { reference: { domain, path, tag }, locked: digest }]] : [];
}

function silence(silent: ReadonlySet<string>, tags: Tags): string {
  const names = [...silent].map((name) => familiarReference(tags.get(name)?.reference ?? { domain: '', path: name }));
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');
  return `Whether ${shown} moved since the lock file was written could not be asked; what the file says counts.`;
}
