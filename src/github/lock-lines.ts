import { count } from '../lib/format.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import type { MovedTag, PullOutcome } from '../outcome.ts';
import { code, literal } from './markdown.ts';
import { familiar } from './source-words.ts';

/** No list of a summary is longer; the log and the lock file have the rest. */
const MOST = 20;

/** What changed since the lock file was written, as a Markdown list: tags that have moved, or what is new in a lock file that was written; empty if nothing did. */
export function lockLines({ moved = [], lockChanges }: PullOutcome): string {
  const still = listed('moved since the lock file was written; what the file says counts', moved.map(movedLine), 'tag');
  if (!lockChanges) return still;
  const changes = [
    ...lockChanges.moved.map(movedLine),
    ...lockChanges.added.map((reference) => `${code(familiar(reference))} is new`),
    ...lockChanges.dropped.map((reference) => `${code(familiar(reference))} is gone`),
  ];
  return still + listed('in the lock file changed', changes, 'reference');
}

function listed(what: string, lines: readonly string[], thing: string): string {
  if (lines.length === 0) return '';
  const items = lines.slice(0, MOST).map((line) => `- ${line}\n`);
  const more = lines.length > MOST ? `- and ${lines.length - MOST} more\n` : '';
  return `**${count(lines.length, thing)} ${literal(what)}**\n\n${items.join('')}${more}`;
}

const movedLine = ({ reference, locked, now }: MovedTag): string =>
  `${code(familiar(reference))} ${short(locked)} → ${short(now)}`;

const short = (digest: Digest): string => code(shortDigest(digest));
