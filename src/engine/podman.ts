import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clean } from '../lib/clean.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { canonicalName, familiarName, parseReference, type Reference } from '../oci/reference.ts';
import type { BlobSource, Engine, Held, Loadable } from '../ports.ts';
import { engineFailed, isWorthAnother } from './engine-failed.ts';
import { type Offer, whileOffered } from './offer.ts';
import { type PodmanFacts, podmanFacts } from './podman-facts.ts';
import { type Ended, type Environment, type ProgramOptions, run } from './program.ts';

/** Podman on this machine, rootful or rootless, through the `podman` command: 4.0 and later. Throws ENGINE_UNAVAILABLE if `podman info` fails. */
export async function connectPodman(options: ProgramOptions): Promise<Engine> {
  return podman(await podmanFacts(options.environment, options.signal, options.pingMs ?? 10_000), options);
}

interface Inspected {
  readonly id: Digest;
  readonly digest: Digest | undefined;
  readonly os: string;
  readonly architecture: string;
}

function podman(facts: PodmanFacts, { environment, signal, offerImage, loadMs = 30 * 60_000 }: ProgramOptions): Engine {
  const ask = (args: readonly string[], more: Environment = {}, until = signal): Promise<Ended> =>
    run('podman', args, { environment: { ...environment, ...more }, signal: until, timeoutMs: loadMs });

  async function inspect(name: string): Promise<Inspected | undefined> {
    const format = '{{.Id}} {{.Digest}} {{.Os}} {{.Architecture}}';
    const { code, stdout, stderr } = await ask(['image', 'inspect', '--format', format, name]);
    const [id, digest, os = '', architecture = ''] = stdout.trim().split(' ');
    const imageId = `sha256:${id}`;
    if (code === 0 && isDigest(imageId))
      return { id: imageId, digest: digest && isDigest(digest) ? digest : undefined, os, architecture };
    if (/image not known|no such image/i.test(stderr)) return undefined;
    throw engineFailed(facts.title, `inspecting ${clean(name)}`, stderr || stdout);
  }

  /** Podman looks digests up without the repository in some versions and with it in others: only asking tells. */
  async function exists(name: string): Promise<boolean> {
    return (await ask(['image', 'exists', name])).code === 0;
  }

  async function held(image: Loadable): Promise<Held | undefined> {
    const { full, familiar } = namesOf(image.reference);
    const imageId = image.manifest.config.digest;
    if ((await inspect(full))?.id !== imageId) return undefined;
    // An image of the same name under localhost/ would be found first.
    const local = familiar === full || (await inspect(familiar))?.id === imageId ? familiar : full;
    const digestRunnable = await exists(`${canonicalName(image.reference)}@${image.target.digest}`);
    return { manifest: manifestOf(image), imageId, local, digestRunnable };
  }

  /** True if Podman had the image, with the digest it is pulled by, and now has it under this name too. */
  async function tag(image: Loadable, full: string): Promise<boolean> {
    const imageId = image.manifest.config.digest;
    const name = `${canonicalName(image.reference)}@${image.target.digest}`;
    if (full.includes('@') || (await inspect(name))?.id !== imageId) return false;
    return (await ask(['tag', imageId.slice('sha256:'.length), full])).code === 0;
  }

  async function pull(image: Loadable, source: BlobSource, full: string): Promise<void> {
    const { reference } = image;
    const folder = await mkdtemp(path.join(tmpdir(), 'pull-image-podman-'));
    try {
      const offered = { image, source, tag: reference.tag ?? 'latest', signal };
      await whileOffered(offerImage, offered, async (offer, until) => {
        const [registries, logins] = [path.join(folder, 'registries.conf'), path.join(folder, 'auth.json')];
        await writeFile(registries, redirected(reference, offer));
        await writeFile(logins, '{}');
        const args = ['pull', '--quiet', '--authfile', logins, ...platformOptions(image), full];
        const { code, stderr } = await ask(args, { CONTAINERS_REGISTRIES_CONF: registries }, until);
        if (code !== 0) throw engineFailed(facts.title, `loading ${namesOf(reference).familiar}`, lastError(stderr));
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  return {
    title: facts.title,
    platform: facts.platform,
    holdsPlatforms: false,
    async find(name) {
      const reference = parseReference(name);
      // Where a digest is given, the tag is but a word beside it.
      const { full, familiar } = namesOf(reference.digest ? { ...reference, tag: undefined } : reference);
      const found = await inspect(full);
      if (found?.os !== facts.platform.os || found.architecture !== facts.platform.architecture) return undefined;
      const { id, digest, os, architecture } = found;
      const known = digest !== undefined && (await exists(`${canonicalName(reference)}@${digest}`));
      return {
        imageId: id,
        digests: known ? [digest] : [],
        local: familiar,
        whole: true,
        platform: { os, architecture },
      };
    },
    async present(image) {
      return (await held(image)) ?? ((await tag(image, namesOf(image.reference).full)) ? held(image) : undefined);
    },
    async load(image, source) {
      const { full, familiar } = namesOf(image.reference);
      if (!(await tag(image, full))) {
        const bring = () => pull(single(image), source, full);
        // What was served is right by now, or the error would be the source's: it may have been replaced while it was read.
        await bring().catch((error: unknown) => {
          if (!isWorthAnother(error)) throw error;
          return bring();
        });
      }
      const loaded = await held(image);
      if (loaded) return loaded;
      const found = (await inspect(full))?.id ?? 'no image at all';
      const reason = `the image was accepted, but afterwards ${familiar} is ${found}, expected ${image.manifest.config.digest}`;
      throw engineFailed(facts.title, `loading ${familiar}`, reason);
    },
  };
}

/** Podman chooses in an index, but not in an index within it: then the manifest takes the name itself. */
function single(image: Loadable): Loadable {
  const manifest = image.documents.at(-1);
  if (image.documents.length <= 2 || !manifest) return image;
  const { mediaType, digest, bytes } = manifest;
  return { ...image, target: { mediaType, digest, size: bytes.byteLength } };
}

const manifestOf = ({ documents, target }: Loadable): Digest => documents.at(-1)?.digest ?? target.digest;

/** The name an image runs by, with the registry and without Docker's. */
function namesOf(reference: Reference): { readonly full: string; readonly familiar: string } {
  const { tag, digest } = reference;
  const rest = tag === undefined && digest !== undefined ? `@${digest}` : `:${tag ?? 'latest'}`;
  return { full: canonicalName(reference) + rest, familiar: familiarName(reference) + rest };
}

const platformOptions = ({ platform: { os, architecture, variant } }: Loadable): readonly string[] => [
  '--os',
  os,
  '--arch',
  architecture,
  ...(variant ? ['--variant', variant] : []),
];

/** containers-registries.conf(5), version 2: the name stays the image's own, the bytes come from here. */
function redirected(reference: Reference, { host, prefix }: Offer): string {
  const location = `${host}/${prefix}/${reference.path}`;
  return `[[registry]]\nprefix = ${JSON.stringify(canonicalName(reference))}\nlocation = ${JSON.stringify(location)}\ninsecure = true\n`;
}

/** The line that says why, without the progress before it. */
function lastError(stderr: string): string {
  const lines = stderr.trim().split('\n');
  return lines.findLast((line) => /^error/i.test(line))?.replace(/^error:\s*/i, '') ?? stderr;
}
