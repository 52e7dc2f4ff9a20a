/** Options that several commands have, as commander takes them. */
export const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

export const FILES: [string, string, typeof collect, readonly string[]] = [
  '--files <path>',
  'a compose file, Dockerfile, manifest or workflow to take images from, or a glob; may be given several times',
  collect,
  [],
];
export const TAGS: typeof FILES = [
  '--tags <pattern>',
  'with --all-tags, only these: a glob, >=7 <8, or /expression/; may be given several times',
  collect,
  [],
];
export const STORE = ['--store <directory>', 'the layer store (default: ~/.cache/pull-image)'] as const;
