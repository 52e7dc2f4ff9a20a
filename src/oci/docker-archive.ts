import * as v from 'valibot';
import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';

/** One image of the archives that `docker save` writes (moby, image/tarexport): names of files in it. */
export interface ArchivedImage {
  readonly config: string;
  readonly names: readonly string[];
  readonly layers: readonly string[];
}

const text = v.string();
const schema = v.array(
  v.object({ Config: text, RepoTags: v.nullish(v.array(text), []), Layers: v.nullish(v.array(text), []) }),
);

/** The content of `manifest.json`; throws INPUT_INVALID if it is not a list of images. */
export function parseArchiveManifest(bytes: Uint8Array, subject: string): readonly ArchivedImage[] {
  try {
    const images = v.parse(schema, JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
    return images.map(({ Config, RepoTags, Layers }) => ({
      config: Config,
      names: RepoTags ?? [],
      layers: Layers ?? [],
    }));
  } catch (cause) {
    const reason = `manifest.json is not what docker save writes: ${clean((cause as Error).message, 200)}`;
    throw new PullError('INPUT_INVALID', subject, reason, { cause });
  }
}
