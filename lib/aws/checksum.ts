/** A CRC32 the way S3 writes it: base64 of its four bytes, big-endian (S3 API, `x-amz-checksum-crc32`). */
export function crc32Text(crc: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc)
  return bytes.toString('base64')
}
