import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

/** What comes in on a socket, from whoever it may be: nothing of it ends the process. */

/** Where a request goes to; undefined where that is no address, such as `//`. */
export function addressOf(url = '/'): URL | undefined {
  const base = 'http://emulator'
  return URL.canParse(url, base) ? new URL(url, base) : undefined
}

export type Body =
  | { readonly kind: 'whole'; readonly text: string }
  | { readonly kind: 'too-long' }
  /** The client went away before it had sent all. */
  | { readonly kind: 'cut-off' }

/** In bytes, far above what any call of this project needs. */
export const LONGEST_BODY = 1_048_576

/** What is too long is read to its end and not kept: who still sends does not hear an answer. */
export async function bodyOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > LONGEST_BODY) chunks.length = 0
      else chunks.push(chunk)
    }
  } catch {
    return { kind: 'cut-off' }
  }
  return length > LONGEST_BODY ? { kind: 'too-long' } : { kind: 'whole', text: Buffer.concat(chunks).toString('utf8') }
}

/** A request with which the emulator itself cannot cope is answered with what the matter was. */
export function guarded(
  serve: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
): RequestListener {
  return async (request, response) => {
    try {
      await serve(request, response)
    } catch (error) {
      if (response.headersSent) response.destroy()
      else response.writeHead(500, { 'content-type': 'text/plain' }).end(`The emulator broke: ${error}`)
    }
  }
}
