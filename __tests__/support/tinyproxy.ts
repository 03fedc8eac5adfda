import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A real proxy: tinyproxy as Debian packs it, on a port of this machine. */
export interface Tinyproxy {
  /** `127.0.0.1:port` */
  readonly host: string
  /** The targets of all CONNECTs by its own log, `host:port`, in order. */
  connects(): readonly string[]
  log(): string
  close(): Promise<void>
}

export interface TinyproxyOptions {
  /** `host:port` of a proxy that it asks in turn, since it looks names up by itself. */
  readonly upstream: string
  readonly user?: string
  readonly password?: string
  /** Hosts that it refuses, as regular expressions. */
  readonly refuses?: readonly string[]
}

export const hasTinyproxy = spawnSync('tinyproxy', ['-v']).status === 0

export async function startTinyproxy({ upstream, user, password, refuses }: TinyproxyOptions): Promise<Tinyproxy> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tinyproxy-'))
  const [config, logFile, filter] = ['config', 'log', 'filter'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(logFile, '')
  writeFileSync(filter, (refuses ?? []).join('\n'))
  const port = await freePort()
  const lines = [
    `Port ${port}`,
    'Listen 127.0.0.1',
    'Allow 127.0.0.1',
    'ConnectPort 443',
    'LogLevel Info',
    `LogFile "${logFile}"`,
    `Upstream http ${upstream}`,
    ...(user === undefined ? [] : [`BasicAuth ${user} ${password}`]),
    ...(refuses === undefined ? [] : [`Filter "${filter}"`]),
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  const child = spawn('tinyproxy', ['-d', '-c', config], { stdio: 'ignore' })
  const gone = once(child, 'exit')
  const close = async () => {
    child.kill('SIGTERM')
    await gone
    rmSync(folder, { recursive: true })
  }
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`tinyproxy did not start: ${readFileSync(logFile, 'utf8')}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const log = () => readFileSync(logFile, 'utf8')
  return {
    host: `127.0.0.1:${port}`,
    connects: () => [...log().matchAll(/Request \(.*?\): CONNECT (\S+) HTTP/g)].map(([, target]) => target ?? ''),
    log,
    close,
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
