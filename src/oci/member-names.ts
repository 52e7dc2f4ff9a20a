import { asArray, isRecord } from '../lib/records.ts';

/** Members that the documents of a registry, their descriptors and platforms have (image-spec v1.1; Docker image manifest version 2). */
const MEMBERS: ReadonlyMap<string, string> = new Map(
  [
    ...['schemaVersion', 'mediaType', 'artifactType', 'config', 'layers', 'manifests', 'subject', 'annotations'],
    ...['fsLayers', 'signatures', 'digest', 'size', 'urls', 'data', 'platform'],
    ...['os', 'architecture', 'variant', 'os.version', 'os.features'],
  ].map((name) => [folded(name), name] as const),
);

/**
 * A member of a manifest or index that readers in Go, which overlook case, take for another one (`Layers` for `layers`), so that they see another image; undefined if
 * there is none. Annotations and what no specification names are not looked into.
 */
export function doubleMember(
  document: Readonly<Record<string, unknown>>,
): { readonly name: string; readonly meant: string } | undefined {
  const children = [document.layers, document.manifests].flatMap(asArray);
  const descriptors = [document.config, ...children].filter(isRecord);
  const platforms = descriptors.map(({ platform }) => platform).filter(isRecord);
  for (const each of [document, ...descriptors, ...platforms]) {
    for (const name of Object.keys(each)) {
      const meant = MEMBERS.get(folded(name)) ?? name;
      if (meant !== name) return { name, meant };
    }
  }
  return undefined;
}

/** As Go folds names: ſ is an s, and the sign of Kelvin a k. */
function folded(name: string): string {
  return name.toUpperCase().toLowerCase();
}
