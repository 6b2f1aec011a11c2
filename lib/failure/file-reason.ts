/** Why the system refuses a file or a folder, as one clause without its path: `there is no such file or folder`. */
export function fileReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  // Else the system's own clause: "EBUSY: resource busy or locked, open '/x'".
  return fileReasons[code] ?? /^[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message.split('\n')[0] ?? message
}

const fileReasons: Readonly<Record<string, string>> = {
  EACCES: 'this user has no permission',
  EDQUOT: "this user's share of the disk is used up",
  EEXIST: 'it is there already',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EPERM: 'this user has no permission',
  EROFS: 'the disk is read-only',
}
