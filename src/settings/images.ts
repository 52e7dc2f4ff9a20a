import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { parseReference, type Reference } from '../oci/reference.ts';
import { splitList } from './reader.ts';

/** One entry of `images`: what it refers to, or why it refers to nothing. */
export type WantedImage =
  | { readonly key: string; readonly reference: Reference }
  | { readonly key: string; readonly error: PullError };

/** The entries of `images`, each text once; what is wrong with all of them together is added to `mistakes`. */
export function readImages(text: string, allTags: boolean, policy: string, mistakes: string[]): WantedImage[] {
  const keys = [...new Set(splitList(text))];
  if (keys.length === 0) mistakes.push('images: is empty; write one image reference a line, such as redis:7');
  if (allTags && policy === 'never') {
    mistakes.push(
      'all-tags: asks the registry for its tags, which pull-policy: never forbids; name the tags in images',
    );
  }
  return keys.map((key) => {
    try {
      const reference = parseReference(key);
      if (allTags && (reference.tag !== undefined || reference.digest !== undefined)) {
        const found = reference.digest === undefined ? 'a tag' : 'a digest';
        const reason = `all-tags takes a repository, found ${found}; write ${repositoryPart(key)}`;
        return { key, error: new PullError('INPUT_INVALID', clean(key), reason) };
      }
      return { key, reference };
    } catch (error) {
      if (error instanceof PullError) return { key, error };
      throw error;
    }
  });
}

const repositoryPart = (key: string): string => key.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
