/** Records of a pax header (POSIX.1-2001, "pax Header Block"), as bytes: an extended attribute may hold anything. Undefined if they are malformed. */
export function readPax(body: Buffer): ReadonlyMap<string, Buffer> | undefined {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < body.byteLength; ) {
    const space = body.indexOf(0x20, at);
    const digits = space < 0 ? '' : body.subarray(at, space).toString('latin1');
    const end = at + Number(digits);
    if (!/^\d{1,8}$/.test(digits) || end > body.byteLength || end <= space || body[end - 1] !== 0x0a) return undefined;
    const equals = body.indexOf(0x3d, space);
    if (equals < 0 || equals >= end) return undefined;
    records.set(body.subarray(space + 1, equals).toString(), body.subarray(equals + 1, end - 1));
    at = end;
  }
  return records;
}

/** The records as the body of a pax header, in their order. */
export function writePax(records: Iterable<readonly [string, Buffer | string]>): Buffer {
  const parts: Buffer[] = [];
  for (const [key, value] of records) {
    const content = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
    let length = content.byteLength + 1;
    while (String(length).length + content.byteLength > length) length += 1;
    parts.push(Buffer.from(String(length)), content);
  }
  return Buffer.concat(parts);
}
