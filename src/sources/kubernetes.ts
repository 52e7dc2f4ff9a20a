import { clean } from '../lib/clean.ts';
import { isRecord } from '../lib/records.ts';
import type { FoundImage } from '../settings/found.ts';
import type { FileReading } from './file-reading.ts';
import { contentOf, type Path, placeOf, type YamlSource } from './yaml-source.ts';

/** Lists of containers wherever a pod spec is, in kinds that nobody has thought of yet too (core/v1, PodSpec). */
const CONTAINERS = ['initContainers', 'containers', 'ephemeralContainers'];

/**
 * The images of every pod spec in a manifest, whatever kind it is in: containers of all sorts and image volumes (core/v1, PodSpec), in the order they are written. An
 * image whose text holds a placeholder of some other tool is named in `warnings`. A node selector is not a platform: it speaks of the cluster.
 */
export function readKubernetes(documents: readonly YamlSource[]): FileReading {
  const images: FoundImage[] = [];
  const warnings: string[] = [];
  for (const source of documents) {
    for (const { text, path } of imagesIn(contentOf(source), [], new Set())) {
      const at = placeOf(source, path);
      if (/\{\{|\$\{|\$\(|^\$|^<.*>$/.test(text))
        warnings.push(`${at}: image ${clean(text, 200)} is not pulled: another tool fills it in; name it in images`);
      else images.push({ text, at });
    }
  }
  return { images, warnings, left: [] };
}

/** What aliases repeat is one object, and looked into once: `seen` has those that were. */
function* imagesIn(value: unknown, path: Path, seen: Set<object>): Generator<{ text: string; path: Path }> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (Array.isArray(value)) {
    for (const [position, item] of value.entries()) yield* imagesIn(item, [...path, position], seen);
    return;
  }
  if (!isRecord(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    const within = [...path, key];
    if (Array.isArray(inner) && seen.has(inner)) continue;
    if (Array.isArray(inner) && CONTAINERS.includes(key))
      for (const [position, item] of inner.entries()) yield* imageOf(item, 'image', [...within, position]);
    else if (Array.isArray(inner) && key === 'volumes')
      for (const [position, item] of inner.entries())
        if (isRecord(item)) yield* imageOf(item.image, 'reference', [...within, position, 'image']);
    if (!CONTAINERS.includes(key)) yield* imagesIn(inner, within, seen);
    else if (Array.isArray(inner)) seen.add(inner);
  }
}

function* imageOf(value: unknown, key: string, path: Path): Generator<{ text: string; path: Path }> {
  const text = isRecord(value) ? value[key] : undefined;
  if (typeof text === 'string' && text !== '') yield { text, path: [...path, key] };
}
