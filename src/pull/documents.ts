import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { once } from '../lib/pool.ts';
import { parseConfig } from '../oci/config.ts';
import type { Descriptor, Document } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { type Index, inlineData, type Manifest, parseDocument } from '../oci/manifest.ts';
import type { Platform } from '../oci/platform.ts';
import { familiarName, type Repository } from '../oci/reference.ts';
import type { Run } from './run.ts';
import { transfer } from './transfer.ts';

/** A document with what it says. */
export interface Read {
  readonly document: Document;
  readonly content: Manifest | Index;
}

/** Where manifests, indexes and configs come from: the nearest place that has them, each digest of a repository asked for once. */
export interface Documents {
  /** The document with this digest; throws what the registry throws, or NOT_HELD where no registry may be asked. */
  read(repository: Repository, digest: Digest): Promise<Read>;
  /** The platform an image config states, if it states one. */
  platform(repository: Repository, config: Descriptor): Promise<Platform | undefined>;
}

/** How far a look-up may go: this machine, the cache between jobs as well, or the registry too. */
export type Reach = 'store' | 'cache' | 'registry';

/** Documents from the nearest place within reach: the store, an open pack of the cache, the registry. `given` came along with an earlier answer. */
export function documentsOf(run: Run, reach: Reach, given: ReadonlyMap<Digest, Document>): Documents {
  const { store, registry } = run.ports;
  const read = once<Read>();
  const configs = new Map<Digest, Map<string, Promise<Platform | undefined>>>();
  const absent = (repository: Repository, digest: Digest) =>
    new PullError(
      'NOT_HELD',
      familiarName(repository),
      `${digest} is not in the store${reach === 'store' ? '' : ' nor in the Actions cache'}`,
    );

  async function find(repository: Repository, digest: Digest): Promise<Document> {
    const bytes = await store.read(digest);
    if (bytes) return { mediaType: '', digest, bytes };
    const known = given.get(digest);
    if (known) return known;
    if (reach !== 'store' && (await run.packs.takeDocument(digest))) return find(repository, digest);
    if (reach !== 'registry') throw absent(repository, digest);
    const document = await run.gate(repository.domain)(() => registry.manifest(repository, digest));
    run.fetched.add(digest);
    return document;
  }

  async function configBytes(repository: Repository, config: Descriptor): Promise<Uint8Array> {
    const inline = inlineData(config);
    if (inline) return inline;
    const held = await store.read(config.digest);
    if (held) return held;
    if (config.size > MAX_CONFIG) {
      throw new PullError(
        'MANIFEST_INVALID',
        familiarName(repository),
        `config of ${config.size} bytes, expected at most ${MAX_CONFIG}`,
      );
    }
    if (reach === 'store' || (await run.packs.take(config)) === undefined) {
      if (reach !== 'registry') throw absent(repository, config.digest);
      await run.gate(repository.domain)(() => transfer(config, repository, run));
    }
    const written = await store.read(config.digest);
    if (!written) throw absent(repository, config.digest);
    return written;
  }

  return {
    read: (repository, digest) =>
      read(`${repository.domain}/${repository.path}@${digest}`, async () => {
        const document = await find(repository, digest);
        const content = parseDocument(document, `${familiarName(repository)}@${digest}`);
        // Whose manifest had to be fetched lacks its layers, too.
        if ('layers' in content && run.fetched.has(digest)) store.expect?.(content.layers);
        return { document: { ...document, mediaType: content.mediaType }, content };
      }),
    platform(repository, config) {
      const name = `${repository.domain}/${repository.path}`;
      const answers = configs.get(config.digest) ?? new Map<string, Promise<Platform | undefined>>();
      configs.set(config.digest, answers);
      const ask = async () => {
        const bytes = await configBytes(repository, config);
        return parseConfig(bytes, clean(`${familiarName(repository)}@${config.digest}`)).platform;
      };
      // Several repositories may have the same config; what one gives, the next need not be asked for.
      const earlier = [...answers.values()].at(-1);
      const answer = answers.get(name) ?? (earlier ? earlier.catch(ask) : ask());
      answers.set(name, answer);
      return answer;
    },
  };
}

/** The store reads back at most this; Docker's own limit for a config is the same order. */
const MAX_CONFIG = 8 * 1024 * 1024;
