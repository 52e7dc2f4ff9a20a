import { canonicalName, parseReference } from '../oci/reference.ts';

/** The tags that names of the store have of a repository, each once, sorted; names that are no references are passed over. */
export function storedTags(repository: string, names: readonly string[]): readonly string[] {
  const wanted = canonicalName(parseReference(repository));
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
