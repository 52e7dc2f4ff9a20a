import { clean } from '../lib/clean.ts';
import type { FoundImage } from '../settings/found.ts';
import type { Service, Written } from './compose-file.ts';
import { interpolate } from './interpolate.ts';

/** A service whose image compose pulls although it can build it. */
const PULLS = /^(?:always|missing|if_not_present|daily|weekly|every_.+)$/;

/**
 * The image a service runs, or why it is none of ours: a service that only builds has none, and one that does both names with `image` what comes out, unless a
 * `pull_policy` says that it is pulled.
 */
export function foundIn(
  service: Service,
): { readonly image: FoundImage; readonly warnings: readonly string[] } | { readonly left: string } {
  const { image, platform, isBuilt, pullPolicy } = service;
  const policy = pullPolicy && resolved(pullPolicy);
  if (isBuilt && !(image && policy && 'text' in policy && PULLS.test(policy.text))) {
    const name = image ? `, and ${clean(image.text, 200)} is what comes out` : '';
    return { left: `it is built${name}` };
  }
  if (!image) return { left: 'it has neither an image nor a build' };
  const noText = [image, platform].find((written) => written?.isNoText);
  if (noText) return { image: { text: noText.text, at: noText.at, problem: quotesMissing(noText) }, warnings: [] };
  const { at, text } = image;
  const result = resolved(image);
  if (!('text' in result)) return { image: { text, at, problem: problemOf(image, result) }, warnings: [] };
  const onWhat = platform && resolved(platform);
  if (platform && onWhat && !('text' in onWhat))
    return { image: { text, at: platform.at, problem: problemOf(platform, onWhat) }, warnings: [] };
  const asked = onWhat && 'text' in onWhat && onWhat.text !== '' ? onWhat.text : undefined;
  const warnings = result.blank.map(
    (name) => `${at}: ${name} is not set, and blank in ${clean(text, 200)}, as Compose has it`,
  );
  return { image: { text: result.text, at, platform: asked, ...problemIfBlank(image, result) }, warnings };
}

/** Compose refuses the whole file ("must be a string"), for 5.10 is the same number as 5.1. */
const quotesMissing = ({ text }: Written) => ({
  reason: `${clean(text, 200)} is no text in YAML, and Compose does not take it`,
  hint: `Put it in quotes: "${clean(text, 200)}".`,
});

const resolved = ({ text, lookup }: Written) => interpolate(text, lookup);

const SET = (name: string) => `Set ${name} in the env of the step or in the .env file beside it.`;

function problemOf({ text }: Written, { variable, reason }: { readonly variable: string; readonly reason: string }) {
  return { reason: clean(`${text} ${reason}`, 400), hint: variable === '' ? undefined : SET(variable) };
}

/** A reference that ends or begins where a blank variable stands is no reference, and that variable is why. */
function problemIfBlank(
  { text }: Written,
  { text: result, blank }: { readonly text: string; readonly blank: readonly string[] },
): Pick<FoundImage, 'problem'> {
  const [name] = blank;
  if (name === undefined || !/^$|^[/:@]|[/:@]$|:[/@]|\/\//.test(result)) return {};
  const reason = clean(`${text} is ${JSON.stringify(result)}, for ${blank.join(', ')} is not set`, 400);
  return { problem: { reason, hint: SET(name) } };
}
