import { canonicalName, parseReference } from '../oci/reference.ts';
import { parseRepository } from '../settings/images.ts';

/**
 * The tags that names of the store have of a repository, each once, sorted; names that are no references are passed over. Throws INPUT_INVALID or REFERENCE_INVALID
 * for what is no repository.
 */
export function storedTags(repository: string, names: readonly string[]): readonly string[] {
  const wanted = canonicalName(parseRepository(repository));
  const tags = names.flatMap((name) => {
    const reference = read(name);
    return reference?.tag !== undefined && reference.digest === undefined && canonicalName(reference) === wanted
      ? [reference.tag]
      : [];
  });
  return [...new Set(tags)].sort();
}

function read(name: string) {
  try {
    return parseReference(name);
  } catch {
    return undefined;
  }
}
