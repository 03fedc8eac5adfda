import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import * as core from '@actions/core'
import { inert, linesOf, readConversation, textOf } from './conversation.ts'
import { PLOTS } from './plots.ts'
import { readRehearsal } from './rehearsalInputs.ts'
import { conversationFile, type Listening, type Order, serve } from './rehearsalServer.ts'

/**
 * The rehearsal action: one file for its two steps and for the process between them. Bundled to dist/emulator/index.js.
 *
 * The first step starts the emulator and ends; the emulator goes on without it. The runner notes which processes a job
 * has started (in RUNNER_TRACKING_ID) and ends those that are left when the job ends, cancelled or not. The last step
 * comes before, and asks the emulator to end by HTTP: signals are not the same on every system, and the process
 * number of one that has ended may be another's by then. Only one that does not answer is killed, where that is safe.
 */

const BACKGROUND = 'background'
/** Node starts in well under a second; a busy runner may take some. */
const START_MS = 30_000
const END_MS = 5_000
/** As long as a job of a hosted runner may take. Longer jobs that ask nothing for so long are hardly rehearsals. */
const IDLE_MS = 6 * 3_600_000
const LOG_TAIL = 20

const logFile = (folder: string) => path.join(folder, 'emulator.log')

async function firstStep(): Promise<void> {
  core.saveState('step', 'last')
  const rehearsal = readRehearsal(process.env)
  if (!('scenario' in rehearsal)) {
    core.setFailed(inert(`The rehearsal was not started: ${rehearsal.join('; ')}.`))
    return
  }
  const { scenario, targets, scanMs, accountId, named } = rehearsal
  const folder = mkdtempSync(path.join(process.env.RUNNER_TEMP || tmpdir(), 'virus-scan-rehearsal-'))
  core.saveState('folder', folder)
  // Not masked: they are no secrets, and a mask would hide every text of the job's log that happens to hold them.
  const name = randomBytes(6).toString('hex')
  const account = { accessKeyId: `rehearsal-key-${name}`, accessKeySecret: `no-secret-${name}`, accountId }
  const { endpoint, endUrl, pid } = await start({ scenario, targets, scanMs, account, folder, idleMs: IDLE_MS })
  core.saveState('end-url', endUrl)
  core.saveState('pid', pid)
  core.setOutput('endpoint', endpoint)
  core.setOutput('sts-endpoint', endpoint)
  core.setOutput('access-key-id', account.accessKeyId)
  core.setOutput('access-key-secret', account.accessKeySecret)
  core.info(`The emulated cloud listens at ${endpoint} until the end of this job (process ${pid}).`)
  core.info(`Scenario ${scenario}: ${PLOTS[scenario]?.about}`)
  core.startGroup('Servers of the emulated account')
  const { groups, servers } = named.fleet
  const groupNames = new Map(groups.map((group) => [group.id, group.name]))
  for (const { name: server, uuid, instanceId, groupId } of servers)
    core.info(inert(`  ${server}  ${uuid}  ${instanceId}  group ${groupNames.get(groupId)} (${groupId})`))
  core.endGroup()
}

/** Starts the emulator in a process that outlives this one, and waits until it listens. */
async function start(order: Order): Promise<Listening> {
  const log = openSync(logFile(order.folder), 'a')
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), BACKGROUND, order.folder], {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log, log, 'ipc'],
    env: environment(),
  })
  closeSync(log)
  const timer = setTimeout(() => child.kill(), START_MS)
  try {
    return await new Promise((resolve, reject) => {
      child.once('message', (message) => resolve(message as Listening))
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        const said = lastWords(order.folder).join('\n')
        reject(new Error(`the emulator ended (${code ?? signal}) before it listened. It said: ${said || 'nothing'}`))
      })
      child.send(order)
    })
  } finally {
    clearTimeout(timer)
    if (child.connected) child.disconnect()
    child.unref()
  }
}

/** What a process needs, and by what the runner finds it again. None of the job's tokens. */
function environment(): NodeJS.ProcessEnv {
  const needed = ['PATH', 'Path', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR', 'RUNNER_TRACKING_ID']
  return Object.fromEntries(needed.flatMap((name) => (name in process.env ? [[name, process.env[name]]] : [])))
}

async function inBackground(): Promise<void> {
  // Until it listens, the end of the first step is its own.
  const orphaned = () => process.exit(1)
  process.once('disconnect', orphaned)
  const order = await new Promise<Order>((resolve) => process.once('message', (message) => resolve(message as Order)))
  const listening = await serve(order, () => process.exit(0))
  process.removeListener('disconnect', orphaned)
  process.send?.(listening, (error: Error | null) => {
    if (error !== null) orphaned()
  })
}

/** Never fails a job: what was rehearsed has had its verdict. */
async function lastStep(): Promise<void> {
  const folder = core.getState('folder')
  const endUrl = core.getState('end-url')
  if (folder === '') {
    core.info('No emulator was started, so there is nothing to tell.')
    return
  }
  try {
    const ending = endUrl === '' ? 'gone' : await end(endUrl)
    tellConversation(folder)
    if (ending === 'silent') core.warning(silence(Number(core.getState('pid')), folder))
    if (ending === 'gone') {
      core.warning('The emulator had ended before the job did.')
      const said = lastWords(folder)
      core.info(said.length === 0 ? 'It said nothing.' : 'It said:')
      for (const line of said) core.info(inert(`  ${line}`))
    }
  } finally {
    remove(folder)
  }
}

function tellConversation(folder: string): void {
  const { entries, unreadable } = readConversation(conversationFile(folder))
  const requests = entries.filter((entry) => 'action' in entry).length
  core.startGroup(`The conversation: ${requests === 1 ? '1 request' : `${requests} requests`}`)
  for (const line of linesOf(entries)) core.info(line)
  if (unreadable > 0)
    core.info(`${unreadable === 1 ? '1 line was' : `${unreadable} lines were`} cut short and cannot be read.`)
  core.endGroup()
}

/** The end of what the process wrote to its log; nothing where it wrote nothing. */
function lastWords(folder: string): readonly string[] {
  const said = textOf(logFile(folder)).trim()
  return said === '' ? [] : said.split('\n').slice(-LOG_TAIL)
}

/** What became of a process that does not answer. */
function silence(pid: number, folder: string): string {
  return kill(pid, folder)
    ? 'The emulator did not answer, and was killed.'
    : 'The emulator does not answer. The runner ends it with the job.'
}

/**
 * Only where the system says that the process with this number is this very emulator: by now the number may be another's.
 * On Linux its command line names the folder, which no other process has. Elsewhere there is no such file.
 */
function kill(pid: number, folder: string): boolean {
  if (!(pid > 0) || !textOf(`/proc/${pid}/cmdline`).split('\0').includes(folder)) return false
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}

function remove(folder: string): void {
  try {
    // On Windows a file cannot go while the process that writes it is there, which takes a moment to end.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  } catch {
    core.debug(`${folder} is left to the runner, which empties its folder before the next job.`)
  }
}

function end(url: string): Promise<'ended' | 'gone' | 'silent'> {
  return new Promise((resolve) => {
    // An agent of its own knows no proxy.
    const call = request(url, { method: 'POST', agent: new Agent(), timeout: END_MS }, (response) => {
      response.resume()
      response.once('end', () => resolve('ended'))
      response.once('error', () => resolve('ended'))
    })
    call.once('timeout', () => {
      resolve('silent')
      call.destroy()
    })
    call.once('error', () => resolve('gone'))
    call.end()
  })
}

if (process.argv[2] === BACKGROUND) await inBackground()
else if (core.getState('step') === 'last') {
  await lastStep().catch((error: unknown) => core.warning(`The conversation could not be told: ${messageOf(error)}`))
} else await firstStep().catch((error: unknown) => core.setFailed(`The rehearsal was not started: ${messageOf(error)}`))

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
