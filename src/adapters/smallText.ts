import { createHash } from 'node:crypto'

/** The texts that people keep in files, an allow-list say: small, UTF-8, told apart by a digest. */

/**
 * The digest is of the file's bytes, as `sha256sum` shows it. A problem is the rest of a sentence that starts with the
 * input's name and value.
 */
export type TextReading = { readonly text: string; readonly sha256: string } | { readonly problem: string }

const MOST_KIB = 256

/** What is wrong with a file that `isTooLarge`. */
export const TOO_LARGE = `is larger than ${MOST_KIB} KiB: check that it is the right file`

/** Looked at before it is read: a larger file is no list that people keep. */
export function isTooLarge(bytes: number): boolean {
  return bytes > MOST_KIB * 1024
}

/** UTF-8 only. */
export function readSmallText(bytes: Uint8Array): TextReading {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), sha256: sha256(bytes) }
  } catch {
    return { problem: 'is not UTF-8 text: save it as UTF-8' }
  }
}

/** In hexadecimal digits. A text counts as its UTF-8, which is how it is written. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
