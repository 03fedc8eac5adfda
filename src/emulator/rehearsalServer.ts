import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { type Answer, raw } from './answers.ts'
import { type Account, Cloud, type CloudState, type Request } from './cloud.ts'
import { append, entryOf } from './conversation.ts'
import { listen } from './loopback.ts'
import { readFleet } from './namedFleet.ts'
import { PLOTS } from './plots.ts'
import { startServer } from './server.ts'

/** The emulated cloud of a rehearsal, in a process of its own that goes on when the step that started it has ended. */

/** What the first step tells it to do. */
export interface Order {
  /** A name in `PLOTS`. */
  readonly scenario: string
  /** Lines of `targets`. */
  readonly targets: string
  readonly scanMs: number
  readonly account: Account
  /** For the conversation. */
  readonly folder: string
  /** How long nobody may ask anything before it ends. */
  readonly idleMs: number
}

export interface Listening {
  readonly endpoint: string
  /** A POST there ends the process. Nobody can guess it. */
  readonly endUrl: string
  readonly pid: number
}

export const conversationFile = (folder: string) => path.join(folder, 'conversation.jsonl')

/** Until it is asked to end or is asked nothing for too long; `onEnd` comes last. */
export async function serve(order: Order, onEnd: () => void): Promise<Listening> {
  const startedAt = performance.now()
  const elapsed = () => Math.round(performance.now() - startedAt)
  const file = conversationFile(order.folder)
  const idle = setTimeout(() => {
    append(file, { atMs: elapsed(), note: 'Nobody has asked anything for long: the emulator has ended by itself.' })
    void end()
  }, order.idleMs)
  const cloud = new RecordedCloud(stateOf(order), Date.now)
  cloud.onAnswer = ({ params }, answer) => {
    idle.refresh()
    append(file, entryOf(elapsed(), params, answer))
  }
  const server = await startServer(cloud, undefined, { keepsRecord: false })
  const token = randomBytes(16).toString('hex')
  const door = await listen(({ method, url }) => {
    if (method !== 'POST' || url !== `/${token}`) return raw(404, '{}')
    setImmediate(() => void end())
    return raw(200, '{}')
  }, Date.now)
  const end = async () => {
    clearTimeout(idle)
    await server.close()
    // The answer to who has asked for the end is on its way; connections that are busy are cut a little later.
    setTimeout(() => void door.close().then(onEnd), 100)
  }
  return { endpoint: server.url, endUrl: `${door.url}/${token}`, pid: process.pid }
}

function stateOf({ scenario, targets, scanMs, account }: Order): CloudState {
  const [plot, named] = [PLOTS[scenario], readFleet(targets)]
  if (plot === undefined || 'problems' in named) throw new Error('The order was not checked')
  return { ...plot.service(named, scanMs), account, sts: { providers: {}, roles: {}, isCredulous: true } }
}

class RecordedCloud extends Cloud {
  onAnswer: (request: Request, answer: Answer) => void = () => {}

  override answer(request: Request): Answer {
    const answer = super.answer(request)
    this.onAnswer(request, answer)
    return answer
  }
}
