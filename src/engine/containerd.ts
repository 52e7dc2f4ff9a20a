import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clean } from '../lib/clean.ts';
import type { Digest } from '../oci/digest.ts';
import { formatPlatform, hostPlatform, normalizePlatform } from '../oci/platform.ts';
import { choosePlatform } from '../oci/platform-match.ts';
import { canonicalName, parseReference, type Reference } from '../oci/reference.ts';
import type { BlobSource, Engine, Held, Loadable } from '../ports.ts';
import { type ContainerdFacts, containerdFacts } from './containerd-facts.ts';
import { type Ctr, FORGET_MS, isStuck, lastError, whileImported } from './containerd-import.ts';
import { parseImages, parsePlatforms } from './containerd-tables.ts';
import { engineFailed } from './engine-failed.ts';
import { type Offer, whileOffered } from './offer.ts';
import { type ProgramOptions, run } from './program.ts';

/**
 * The containerd daemon of `CONTAINERD_ADDRESS`, namespace `CONTAINERD_NAMESPACE` or `default`, through the `ctr` command: 1.5 and later. Throws
 * ENGINE_UNAVAILABLE if it does not answer.
 */
export async function connectContainerd(options: ProgramOptions): Promise<Engine> {
  const facts = await containerdFacts(options.environment, options.signal, options.pingMs ?? 10_000);
  return containerd(facts, options);
}

function containerd(
  { title, environment, pullOptions }: ContainerdFacts,
  { signal, offerImage, loadMs = 30 * 60_000 }: ProgramOptions,
): Engine {
  const platform = normalizePlatform(hostPlatform());

  const ctr: Ctr = (args, until = signal, input) =>
    run('ctr', args, { environment, signal: until, timeoutMs: loadMs, input });

  async function ask(doing: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await ctr(args);
    if (code !== 0) throw engineFailed(title, doing, lastError(stderr));
    return stdout;
  }

  const filterOf = (name: string) => `name==${JSON.stringify(name)}`;
  const check = (name: string) => ['images', 'check', filterOf(name)];
  const named = async (name: string) => parseImages(await ask(`inspecting ${clean(name)}`, ...check(name)))[0];

  async function holds(image: Loadable): Promise<boolean> {
    const held = new Set((await ask('listing content', 'content', 'ls', '--quiet')).split('\n').map((it) => it.trim()));
    const { manifest, documents } = image;
    const needed = [...documents, manifest.config, ...manifest.layers];
    return needed.every(({ digest }) => held.has(digest));
  }

  const runsHere = (image: Loadable): boolean =>
    choosePlatform([image], (it) => it.platform, platform, { strict: false }) !== undefined;

  async function held(image: Loadable): Promise<Held | undefined> {
    const name = nameOf(image.reference);
    const found = await named(name);
    if (found?.digest !== image.target.digest || !(await holds(image))) return undefined;
    // What is not unpacked would be when it is first run; a failure then would come too late.
    if (runsHere(image) && !found.unpacked) return undefined;
    const byDigest = await named(digestName(image));
    return {
      manifest: manifestOf(image),
      imageId: image.target.digest,
      local: name,
      digestRunnable: byDigest?.digest === image.target.digest,
    };
  }

  /** The same image under another name is there for good: it only needs this name too. */
  async function elsewhere(image: Loadable): Promise<string | undefined> {
    const filter = `target.digest==${image.target.digest}`;
    const [found] = parseImages(await ask('listing images', 'images', 'check', filter));
    if (!found || !(await holds(image)) || (runsHere(image) && !found.unpacked)) return undefined;
    return found.name;
  }

  /** Gives what is there under one name the names it is to have. */
  async function name(image: Loadable, from: string): Promise<void> {
    for (const each of new Set([nameOf(image.reference), digestName(image)]))
      if (each !== from) await ask(`naming ${each}`, 'images', 'tag', '--force', from, each);
  }

  async function pull(image: Loadable, source: BlobSource, name: string): Promise<void> {
    const { reference } = image;
    const folder = await mkdtemp(path.join(tmpdir(), 'pull-image-containerd-'));
    try {
      const offered = { image, source, tag: reference.tag ?? 'latest', signal };
      await whileOffered(offerImage, offered, async (offer, until) => {
        await mkdir(path.join(folder, reference.domain));
        await writeFile(path.join(folder, reference.domain, 'hosts.toml'), redirected(offer));
        const hosts = ['--hosts-dir', folder, '--platform', formatPlatform(image.platform)];
        const { code, stderr } = await ctr(['images', 'pull', ...pullOptions, ...hosts, name], until);
        if (code !== 0) throw engineFailed(title, `loading ${name}`, lastError(stderr));
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** As a pull; if that stumbles over what containerd kept of a layer, once more with the layers imported first. */
  async function bring(image: Loadable, source: BlobSource, name: string): Promise<void> {
    try {
      await pull(image, source, name).catch((error: unknown) => {
        if (!isStuck(error)) throw error;
        return whileImported(ctr, image, source, { title, name, stuck: error }, () => pull(image, source, name));
      });
    } catch (error) {
      await forget(image, name);
      throw error;
    }
  }

  /** The name is given before the layers are unpacked: it must not stay on what failed, nor on what was cancelled. */
  async function forget(image: Loadable, name: string): Promise<void> {
    const until = AbortSignal.timeout(FORGET_MS);
    const checked = await ctr(check(name), until).catch(() => undefined);
    const [found] = parseImages(checked?.stdout ?? '');
    if (found?.digest === image.target.digest && !found.unpacked)
      await ctr(['images', 'rm', name], until).catch(() => {});
  }

  return {
    title,
    platform,
    holdsPlatforms: true,
    async find(name) {
      const reference = parseReference(name);
      // Where a digest is given, the tag is but a word beside it.
      const found = await named(nameOf(reference.digest ? { ...reference, tag: undefined } : reference));
      if (!found?.unpacked) return undefined;
      const byDigest = await named(`${canonicalName(reference)}@${found.digest}`);
      const digests = byDigest ? [found.digest] : [];
      const listed = parsePlatforms(await ask(`inspecting ${found.name}`, 'images', 'ls', filterOf(found.name)));
      // What is unpacked may be for a machine that this one can stand for.
      const own = listed.includes(formatPlatform(platform)) ? platform : undefined;
      return { imageId: found.digest, digests, local: found.name, whole: false, platform: own };
    },
    async present(image) {
      const found = await held(image);
      if (found) return found;
      const other = await elsewhere(image);
      if (other === undefined) return undefined;
      await name(image, other);
      return held(image);
    },
    async load(image, source) {
      const local = nameOf(image.reference);
      const other = await elsewhere(image);
      if (other === undefined) await bring(image, source, local);
      await name(image, other ?? local);
      const loaded = await held(image);
      if (loaded) return loaded;
      const found = await named(local);
      const state =
        found?.digest === image.target.digest ? 'is not complete' : `is ${found?.digest ?? 'no image at all'}`;
      throw engineFailed(title, `loading ${local}`, `the image was accepted, but afterwards ${local} ${state}`);
    },
  };
}

const manifestOf = ({ documents, target }: Loadable): Digest => documents.at(-1)?.digest ?? target.digest;
const digestName = ({ reference, target }: Loadable): string => `${canonicalName(reference)}@${target.digest}`;

/** containerd knows no short names: what runs is the whole one. */
function nameOf(reference: Reference): string {
  const { tag, digest } = reference;
  return canonicalName(reference) + (tag === undefined && digest !== undefined ? `@${digest}` : `:${tag ?? 'latest'}`);
}

/** hosts.toml of containerd: every request for the registry goes here, with the prefix before the repository. */
function redirected({ host, prefix }: Offer): string {
  const url = JSON.stringify(`http://${host}/v2/${prefix}`);
  return `server = ${url}\n[host.${url}]\n  capabilities = ["pull", "resolve"]\n  override_path = true\n`;
}
