import { canonicalName, type Repository } from '../oci/reference.ts';
import type { BlobArrival, Uploads } from '../ports.ts';
import { type ClientOptions, createClient } from './client.ts';
import { putManifest } from './put-manifest.ts';
import type { Divisible } from './remote.ts';
import { sendBlob } from './upload-bytes.ts';
import { begin, hasBlob, mount } from './upload-session.ts';

export interface UploadOptions extends ClientOptions {
  /** The most bytes that one request sends; a whole blob by default. */
  readonly chunkBytes?: number | undefined;
}

/** A registry that moves a large upload to where it is to lie answers late, and not before. */
const HEADERS_MS = 180_000;

/** The registries of the world, to be written to; nothing is sent before something is asked, and every request ends with the signal. */
export function createUploads(options: UploadOptions): Uploads {
  const { chunkBytes = Number.POSITIVE_INFINITY } = options;
  const client = createClient({ ...options, timeouts: { headersMs: HEADERS_MS, ...options.timeouts } });
  const known = new Map<string, Divisible>();
  /** A door that asks to read another repository is one of its own: where that is refused, this one still opens. */
  const open = (repository: Repository, from?: Repository): Divisible => {
    const key = `${canonicalName(repository)} ${from?.path ?? ''}`;
    const scopes = [`repository:${repository.path}:pull,push`, ...(from ? [`repository:${from.path}:pull`] : [])];
    const remote = known.get(key) ?? client.open(repository, { push: true, scope: scopes.join(' ') });
    known.set(key, remote);
    return remote;
  };

  return {
    async blob(repository, blob, source, from): Promise<BlobArrival> {
      const remote = open(repository);
      if (await hasBlob(remote, blob)) return 'present';
      const mounted = from ? await mount(open(repository, from), blob, from) : undefined;
      if (mounted === 'mounted') return 'mounted';
      await sendBlob(remote, blob, source, mounted ?? (await begin(remote, blob)), chunkBytes);
      return 'uploaded';
    },
    manifest: (repository, document, tag) => putManifest(open(repository), document, tag),
    close: client.network.close,
  };
}
