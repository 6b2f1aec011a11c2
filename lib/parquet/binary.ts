/** Bytes as the writer of Thrift takes them: a view, no copy. */
export function binary({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
