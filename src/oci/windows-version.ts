/** The Windows Server releases whose containers later hosts still run. */
const WINDOWS_LTSC = [20348, 26100];

/**
 * True if a host of one Windows version runs containers of the other (Microsoft, "Windows container version
 * compatibility"): before Server 2022 the builds are equal; from then on a host also runs what came since the LTSC
 * before its own. A version that is not said excludes nothing.
 */
export function runsWindows(hostVersion: string | undefined, imageVersion: string | undefined): boolean {
  const host = windowsVersion(hostVersion);
  if (host === undefined || imageVersion === undefined) return true;
  const image = windowsVersion(imageVersion);
  if (image === undefined || image.major !== host.major || image.minor !== host.minor) return false;
  const own = WINDOWS_LTSC.findLastIndex((build) => build <= host.build);
  if (own < 0) return image.build === host.build;
  return image.build <= host.build && image.build >= (WINDOWS_LTSC[Math.max(own - 1, 0)] ?? 0);
}

/** Major, minor and build of `10.0.20348.2227`; undefined for anything else. */
function windowsVersion(text: string | undefined) {
  const [, major, minor, build] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,5})(?:\.|$)/.exec(text ?? '') ?? [];
  return build === undefined ? undefined : { major: Number(major), minor: Number(minor), build: Number(build) };
}

/** Which of two dotted versions is newer: positive if the first. What is no number counts as 0. */
export function compareVersions(first: string, second: string): number {
  const [a, b] = [first.split('.').map(Number), second.split('.').map(Number)];
  const differences = Array.from({ length: Math.max(a.length, b.length) }, (_, at) => (a[at] || 0) - (b[at] || 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}
