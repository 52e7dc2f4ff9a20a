import { formatPlatform } from '../oci/platform.ts';
import type { WantedImage, WantedPlatforms } from '../settings.ts';
import type { Run } from './run.ts';

/** The run as one image sees it: with the platforms that a file asks for in place of the request's, where it does. */
export function runFor(image: WantedImage, run: Run): Run {
  if ('error' in image || !image.platforms) return run;
  const { request, ports } = run;
  const requested = request.platforms === 'engine' ? [ports.platform] : request.platforms;
  if (requested === 'all' && image.platforms.includes('requested')) return run;
  const named = image.platforms.flatMap((it) => (it !== 'requested' ? [it] : requested === 'all' ? [] : requested));
  const platforms = [...new Map(named.map((platform) => [formatPlatform(platform), platform])).values()];
  return { ...run, request: { ...request, platforms } };
}

/** Equal for platforms that mean the same. */
export const platformsText = (platforms: WantedPlatforms): string =>
  typeof platforms === 'string' ? platforms : platforms.map(formatPlatform).join();
