import { gate } from '../lib/pool.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Store } from '../ports.ts';
import { completePlatforms, type Readable, readStored, recordNames, runnable } from './naming.ts';

/** Names, and what they are to mean as soon as a platform of it is whole. */
export interface Naming {
  readonly names: readonly string[];
  readonly target: Descriptor;
  /** True if they mean it already, with the platforms that are whole now: then they stay as old as they are, and one that is gone does not come back. */
  readonly named?: boolean | undefined;
}

/** Names that wait for bytes. */
export interface AwaitedNames {
  /** Writes the names when a platform is whole, and again with each further one; until others are to have the first of them. Never throws. */
  expect(naming: Naming): Promise<void>;
  /** Told of each document and blob that is here; those that no name waits for cost nothing. A name that cannot be written is tried again with the next. */
  arrived(digest: Digest): void;
  /** Resolves when all is done that was told so far. */
  settled(): Promise<void>;
}

interface Tag extends Naming {
  readonly parts: readonly Part[];
}

/** A platform, and what of it was not here when it was looked for last; undefined before its manifest is here. */
interface Part {
  readonly tag: Tag;
  readonly manifest: Descriptor;
  missing: Map<Digest, Descriptor> | undefined;
}

/** Nothing is awaited yet. However many names wait, a blob that comes is looked at by those alone that it is part of. */
export function awaitedNames(parts: {
  readonly store: Store;
  readonly readable: Readable;
  readonly now: () => number;
}): AwaitedNames {
  const { store, readable } = parts;
  const tags = new Map<string, Tag>();
  const waiting = new Map<Digest, Set<Part>>();
  const unwritten = new Set<Tag>();
  const oneAtATime = gate(1);

  const wait = (digest: Digest, part: Part) => waiting.set(digest, (waiting.get(digest) ?? new Set()).add(part));
  function leave(digest: Digest, part: Part): void {
    const others = waiting.get(digest);
    others?.delete(part);
    if (others?.size === 0) waiting.delete(digest);
  }

  /** True if the part is whole. What is waited for is looked for afterwards, so that nothing comes in between. */
  async function advance(part: Part): Promise<boolean> {
    if (!part.missing) {
      wait(part.manifest.digest, part);
      const content = (await readStored(store, part.manifest).catch(unreadable))?.content;
      if (content?.kind !== 'manifest') return false;
      leave(part.manifest.digest, part);
      part.missing = new Map([content.config, ...content.layers].map((blob) => [blob.digest, blob]));
      for (const digest of part.missing.keys()) wait(digest, part);
    }
    for (const [digest, blob] of part.missing) {
      if (!(await store.has(blob))) return false;
      part.missing.delete(digest);
      leave(digest, part);
    }
    return true;
  }

  async function begin(naming: Naming): Promise<Tag | undefined> {
    const content = (await readStored(store, naming.target))?.content;
    if (!content) return undefined;
    const manifests = content.kind === 'manifest' ? [naming.target] : runnable(content);
    const platforms: Part[] = [];
    const tag = { ...naming, parts: platforms };
    platforms.push(...manifests.map((manifest) => ({ tag, manifest, missing: undefined })));
    return tag;
  }

  function end(tag: Tag): void {
    unwritten.delete(tag);
    if (tags.get(keyOf(tag)) === tag) tags.delete(keyOf(tag));
    for (const part of tag.parts)
      for (const digest of part.missing?.keys() ?? [part.manifest.digest]) leave(digest, part);
  }

  async function write(tag: Tag): Promise<void> {
    const now = await clockOf(tag);
    const platforms = now && (await completePlatforms(store, tag.target).catch(unreadable));
    if (!now || !platforms) return end(tag);
    if (platforms.length > 0) await recordNames(tag.names, tag.target, platforms, { store, readable, now });
    unwritten.delete(tag);
    if (tag.parts.every(({ missing }) => missing?.size === 0)) end(tag);
  }

  /** What tells the time of the names; undefined if one was pointed elsewhere since, as a pull does, to what is here, or is gone. */
  async function clockOf({ names, target, named }: Tag): Promise<(() => number) | undefined> {
    let now = parts.now;
    for (const name of names) {
      const found = await store.named(name);
      if (found && found.target.digest !== target.digest && (await store.has(found.target))) return undefined;
      if (!named) continue;
      if (found?.target.digest !== target.digest) return undefined;
      now = () => found.at;
    }
    return now;
  }

  return {
    expect: (naming) =>
      oneAtATime(async () => {
        const before = tags.get(keyOf(naming));
        const isKnown = before?.target.digest === naming.target.digest;
        // Who brings it again does so since it is gone, perhaps with bytes that nobody waited for any more.
        const tag = isKnown && naming.named ? before : await begin(naming);
        if (before && before !== tag) end(before);
        if (!tag) return;
        tags.set(keyOf(tag), tag);
        let whole = 0;
        for (const part of tag.parts) if (await advance(part)) whole += 1;
        if (whole > 0 && !naming.named) {
          unwritten.add(tag);
          await write(tag);
        } else if (whole === tag.parts.length) {
          end(tag);
        }
      }).catch(() => {}),

    arrived(digest) {
      if (!waiting.has(digest) && unwritten.size === 0) return;
      oneAtATime(async () => {
        for (const part of [...(waiting.get(digest) ?? [])]) {
          part.missing?.delete(digest);
          leave(digest, part);
          if (await advance(part)) unwritten.add(part.tag);
        }
        for (const tag of [...unwritten]) await write(tag);
      }).catch(() => {});
    },

    settled: () => oneAtATime(async () => {}),
  };
}

/** What is no manifest stays so: nobody waits for it. */
const unreadable = (): undefined => undefined;

const keyOf = ({ names: [first = ''] }: Naming): string => first;
