import { Command } from 'commander';
import { type Brought, loadArchive } from '../archives/load-archive.ts';
import { PullError } from '../errors.ts';
import { contentsOf, imagesOf, platformName } from '../images/contents.ts';
import { nameTarget, newName } from '../images/naming.ts';
import { clean } from '../lib/clean.ts';
import { count, formatBytes } from '../lib/format.ts';
import { canonicalReference, familiarReference, type Reference } from '../oci/reference.ts';
import type { Store } from '../ports.ts';
import { type Input, openInput } from './incoming.ts';
import { openOrMake } from './open-store.ts';
import { STORE } from './options.ts';

interface LoadOptions {
  readonly input?: string;
  readonly tag?: string;
  readonly quiet?: boolean;
  readonly store?: string;
}

/** `load`: the images of an archive into the store, every byte proved. */
export function loadCommand(say: (line: string) => void, stdin: () => Input, signal: AbortSignal): Command {
  return new Command('load')
    .description('bring the images of an archive (docker save, podman save, skopeo, ctr images export) into the store')
    .option('-i, --input <file>', 'the archive, perhaps compressed by gzip or zstd (default: standard input)')
    .option('-t, --tag <name>', 'the name of an image that has none in the archive')
    .option('-q, --quiet', 'print only the names')
    .option(...STORE)
    .addHelpText('after', '\nExample:\n  docker save redis:7 | pull-image load')
    .action((options: LoadOptions) => load(options, say, stdin, signal));
}

async function load(options: LoadOptions, say: (line: string) => void, stdin: () => Input, signal: AbortSignal) {
  const tag = options.tag === undefined ? undefined : newName(options.tag);
  const subject = options.input ?? 'standard input';
  const input = openInput(options.input, { from: 'docker save redis:7', into: 'pull-image load' }, stdin, signal);
  const { store } = await openOrMake(options.store);
  const { images, blobs, bytes, known } = await loadArchive(input, store, clean(subject, 300));
  const complete = await Promise.all(images.map((image) => checked(image, tag, store, clean(subject, 300))));
  for (const { names, platforms, target } of complete) {
    for (const name of names) {
      await nameTarget(store, name, target);
      say(`Loaded image: ${familiarReference(name)}`);
    }
    if (!options.quiet) say(`Digest: ${target.digest} (${platforms.join(', ')})`);
  }
  if (!options.quiet)
    say(`${count(blobs, 'blob')}, ${formatBytes(bytes)}, all verified; ${known} were in the store already`);
}

/** An image to be named, once it is known that every blob of at least one of its platforms is here. */
async function checked({ target, names }: Brought, tag: Reference | undefined, store: Store, subject: string) {
  const contents = await contentsOf(store, target);
  const whole = [];
  let lacking: string | undefined;
  for (const { manifest, descriptor, config, attestation } of contents.held) {
    const absent = [];
    for (const blob of [manifest.config, ...manifest.layers])
      if (!blob.urls?.length && !(await store.has(blob))) absent.push(blob.digest);
    if (absent.length > 0) lacking ??= absent[0];
    else if (!attestation && (config || imagesOf(contents).length === 0)) whole.push(platformName(descriptor.platform));
  }
  if (whole.length === 0)
    throw new PullError('BLOB_UNKNOWN', subject, `the archive lacks ${lacking ?? target.digest}`, {
      hint: 'Save the image again: the archive is not complete.',
    });
  const all = names.length > 0 ? names : tag ? [tag] : [];
  if (all.length === 0)
    throw new PullError('INPUT_INVALID', subject, `the archive has no name for ${target.digest}`, {
      hint: 'Give it one with --tag NAME.',
    });
  const distinct = [...new Map(all.map((name) => [canonicalReference(name), name])).values()];
  const mediaType = contents.mediaType || target.mediaType;
  return { target: { ...target, mediaType }, names: distinct, platforms: whole };
}
