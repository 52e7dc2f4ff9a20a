import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';

/** The OS and CPU an image runs on (image-spec v1.1, image-index.md, "platform"). */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
  readonly osVersion?: string | undefined;
  readonly osFeatures?: readonly string[] | undefined;
}

// What Go names (go/build/syslist.go), as containerd/platforms lists it.
const KNOWN_OS =
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(
    ' ',
  );
const KNOWN_ARCHITECTURES = (
  '386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ' +
  'ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm'
).split(' ');

/** Node's names that are not Go's. */
const NODE_ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
  mipsel: 'mipsle',
};

const OS_PART = /^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$/;
const PART = /^[A-Za-z0-9_.-]+$/;
const PRINTABLE = /^[\x20-\x7e]*$/;
const HINT = 'Write os/architecture or os/architecture/variant, such as linux/amd64, linux/arm64 or linux/arm/v7.';

/**
 * What containers on this machine run unless an engine says otherwise: `windows` on Windows, else `linux` (macOS runs
 * them in a VM).
 */
export function hostPlatform(os: string = process.platform, architecture: string = process.arch): Platform {
  return { os: os === 'win32' ? 'windows' : 'linux', architecture: NODE_ARCHITECTURES[architecture] ?? architecture };
}

/**
 * A platform specifier as containerd reads it (containerd/platforms, Parse): `os`, `architecture`, `os/architecture` or
 * `os/architecture/variant`, where the OS may carry its version and features, as in `windows(10.0.20348+win32k)/amd64`.
 * What is left out is taken from `host`. Throws PLATFORM_INVALID.
 */
export function parsePlatform(text: string, host: Platform = hostPlatform()): Platform {
  if (text.includes('*')) throw invalid(text, 'wildcards are not supported');
  const [first = '', second, third, ...more] = text.split('/');
  const [, osName, version = '', features = ''] = OS_PART.exec(first) ?? [];
  const parts = [second, third].filter((part) => part !== undefined);
  if (osName === undefined || more.length > 0 || !parts.every((part) => PART.test(part))) {
    throw invalid(text, 'expected os[/architecture[/variant]]');
  }
  const os = normalizeOs(osName);
  const options = {
    osVersion: decode(text, version),
    osFeatures: features
      .split('+')
      .slice(1)
      .map((feature) => decode(text, feature)),
  };
  if (second === undefined) return completed(text, first, { os, ...options }, host);
  const [architecture, variant] = normalizeCpu(second, third ?? '');
  if (third === undefined)
    return platform({ os, architecture, variant: usualVariant(architecture, variant), ...options });
  return platform({ os, architecture, variant: architecture === 'arm64' ? variant || 'v8' : variant, ...options });
}

/**
 * The same platform in containerd's one spelling (Normalize): `x86_64` is `amd64`, `arm64/v8` is `arm64`, `arm` is
 * `arm/v7`; features sorted.
 */
export function normalizePlatform(given: Platform): Platform {
  const [architecture, variant] = normalizeCpu(given.architecture, given.variant ?? '');
  const osFeatures = [...new Set(given.osFeatures)].sort();
  return platform({ os: normalizeOs(given.os), architecture, variant, osVersion: given.osVersion, osFeatures });
}

/**
 * The platform as text that `parsePlatform` reads back, with OS version and features (containerd/platforms, FormatAll).
 */
export function formatPlatform({ os, architecture, variant = '', osVersion = '', osFeatures = [] }: Platform): string {
  if (os === '') return 'unknown';
  const options =
    encode(osVersion) +
    [...osFeatures]
      .sort()
      .map((feature) => `+${encode(feature)}`)
      .join('');
  return [options === '' ? os : `${os}(${options})`, architecture, variant].filter((part) => part !== '').join('/');
}

function completed(text: string, word: string, given: Omit<Platform, 'architecture'>, host: Platform): Platform {
  if (KNOWN_OS.includes(given.os)) {
    const [architecture, variant] = normalizeCpu(host.architecture, host.variant ?? '');
    return platform({
      ...given,
      architecture,
      variant: architecture === 'arm' ? usualVariant(architecture, variant) : '',
    });
  }
  const [architecture, variant] = normalizeCpu(word, '');
  if (!KNOWN_ARCHITECTURES.includes(architecture)) throw invalid(text, 'unknown operating system or architecture');
  return platform({ ...given, os: host.os, architecture, variant: usualVariant(architecture, variant) });
}

/** `arm` alone is written without the variant it means. */
function usualVariant(architecture: string, variant: string): string {
  return architecture === 'arm' && variant === 'v7' ? '' : variant;
}

function normalizeOs(os: string): string {
  const name = os.toLowerCase();
  return name === 'macos' ? 'darwin' : name;
}

function normalizeCpu(
  givenArchitecture: string,
  givenVariant: string,
): readonly [architecture: string, variant: string] {
  const architecture = givenArchitecture.toLowerCase();
  const variant = givenVariant.toLowerCase();
  switch (architecture) {
    case 'i386':
      return ['386', ''];
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return ['amd64', variant === 'v1' ? '' : variant];
    case 'aarch64':
    case 'arm64':
      if (['8', 'v8', 'v8.0'].includes(variant)) return ['arm64', ''];
      return ['arm64', ['9', '9.0', 'v9.0'].includes(variant) ? 'v9' : variant];
    case 'armhf':
      return ['arm', 'v7'];
    case 'armel':
      return ['arm', 'v6'];
    case 'arm':
      return ['arm', variant === '' ? 'v7' : variant.replace(/^[5-8]$/, 'v$&')];
    default:
      return [architecture, variant];
  }
}

/** A platform without the members that say nothing. */
function platform({ os, architecture, variant, osVersion, osFeatures }: Platform): Platform {
  return {
    os,
    architecture,
    ...(variant ? { variant } : {}),
    ...(osVersion ? { osVersion } : {}),
    ...(osFeatures && osFeatures.length > 0 ? { osFeatures } : {}),
  };
}

function encode(option: string): string {
  return option.replace(/[%+()/]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decode(text: string, option: string): string {
  try {
    const value = decodeURIComponent(option);
    if (PRINTABLE.test(value)) return value;
  } catch {
    // Said below, like what decodes to something that cannot be printed.
  }
  throw invalid(text, `invalid OS version or feature ${clean(option, 100)}`);
}

function invalid(text: string, reason: string): PullError {
  return new PullError('PLATFORM_INVALID', text === '' ? '""' : clean(text, 200), reason, { hint: HINT });
}
