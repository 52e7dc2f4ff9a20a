/** What a member of a tar is. */
export type TarType = 'file' | 'folder' | 'symlink' | 'link' | 'character-device' | 'block-device' | 'fifo';

/** A member of a tar, as it stands there: names are somebody else's. */
export interface TarMember {
  /** As `nameOf` has it: no byte is lost. */
  readonly name: string;
  readonly type: TarType;
  /** Permission bits with set-id and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly userName: string;
  readonly groupName: string;
  /** Bytes of a file, else 0. */
  readonly size: number;
  /** Seconds since the epoch, perhaps a fraction. */
  readonly mtime: number;
  /** Of links. */
  readonly linkName: string;
  /** Major and minor number of devices. */
  readonly device: readonly [number, number];
  readonly xattrs: ReadonlyMap<string, Buffer>;
  /** To be read once, before the next member is taken. */
  readonly content: AsyncIterable<Uint8Array>;
}
