import { parseAccess, type RawSettings } from '../settings.ts';

/** What the raw text of the inputs says of how registries are reached; throws one INPUT_INVALID that lists every mistake. */
export async function readAccess(raw: RawSettings): Promise<ReturnType<typeof parseAccess>> {
  if (!raw['registry-auth']?.trim()) return parseAccess(raw);
  const { parseYamlTexts } = await import('../sources/yaml-texts.ts');
  return parseAccess(raw, parseYamlTexts);
}
