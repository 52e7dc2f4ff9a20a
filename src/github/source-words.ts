import { clean } from '../lib/clean.ts';
import { count } from '../lib/format.ts';
import { familiarReference, parseReference } from '../oci/reference.ts';
import type { MovedTag, PullEvent } from '../outcome.ts';

/** What files said and what a lock file now says, in one line. */
export function sourceLine(event: Extract<PullEvent, { type: 'discovered' | 'locked' }>): string {
  if (event.type === 'discovered') return `${count(event.files, 'file')}: ${count(event.images, 'image')} found`;
  const { references, added, moved, dropped } = event.changes;
  const facts = [
    ...moved.map(({ reference, locked, now }) => `${familiar(reference)} moved from ${locked} to ${now}`),
    ...added.map((reference) => `${familiar(reference)} is new`),
    ...dropped.map((reference) => `${familiar(reference)} is gone`),
  ];
  return `${clean(event.file)}: ${count(references, 'reference')}; ${facts.join('; ') || 'unchanged'}`;
}

/** A tag that has moved on, with both digests and what to do. */
export function movedText({ reference, locked, now }: MovedTag): string {
  return `${familiar(reference)} has moved since it was locked: the lock file has ${locked}, which counts; it is ${now} now. Take it with update-lock: true.`;
}

/** As people write it; anything that is no reference comes out as it is. */
export function familiar(reference: string): string {
  try {
    return familiarReference(parseReference(reference));
  } catch {
    return clean(reference);
  }
}
