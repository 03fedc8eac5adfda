import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { state } from '../src/emulator/answers.ts'
import { Cloud, type CloudState } from '../src/emulator/cloud.ts'
import type { Fleet } from '../src/emulator/fleet.ts'
import { SCENARIOS } from '../src/emulator/scenarios.ts'
import { type EmulatorServer, startServer } from '../src/emulator/server.ts'
import { ACTION } from './support/bundle.ts'

/**
 * docs/live-check.md: what only a live account can answer. Its commands are run here as they are written, against the
 * emulated cloud and with a stand-in for the aliyun CLI, so that nobody with an account is stopped by a typo of ours.
 */

const root = path.dirname(__dirname)
const page = readFileSync(path.join(root, 'docs/live-check.md'), 'utf8')
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { readonly version: string }

interface Check {
  readonly number: number
  readonly title: string
  readonly text: string
  readonly script: string
}
const blockIn = (text: string) => /^```sh\n([\s\S]*?)^```/m.exec(text)?.[1] ?? ''
const checks = page
  .split(/^### (?=\d+\. )/m)
  .slice(1)
  .map((part): Check => {
    const [, number = '', title = ''] = /^(\d+)\. (.*)$/m.exec(part) ?? []
    const text = part.split(/^## /m)[0] ?? ''
    return { number: Number(number), title, text, script: blockIn(text) }
  })
const setUp = blockIn(page.slice(page.indexOf('## Set-up')))

/** The cells of the rows below a table's head. */
function rowsBelow(head: string, text: string): readonly (readonly string[])[] {
  const [, table = ''] = text.split(`${head}\n`)
  return (table.split('\n\n')[0] ?? '')
    .split('\n')
    .slice(1)
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}
const given = rowsBelow('| check | date | site | version | who | what was seen |', page)

describe('the page', () => {
  test('asks one thing after the other, each with commands and with what the answers change', () => {
    expect(checks.map(({ number }) => number)).toEqual(checks.map((_, i) => i + 1))
    expect(checks.length).toBeGreaterThan(10)
    for (const { text, script } of checks) {
      expect(script).not.toBe('')
      const rows = rowsBelow('| answer | then |', text)
      expect(rows.length).toBeGreaterThan(1)
      expect(rows[0]?.[1]).toMatch(/^nothing/)
      for (const row of rows) expect(row).toHaveLength(2)
    }
  })

  test('names files of the code that are there, with what is in them', () => {
    const named = [...page.matchAll(/(?:`(\w+)` (?:in|of) )?`((?:src|docs|\.github)\/[\w./-]+)`(?: \(`(\w+)`\))?/g)]
    expect(named.length).toBeGreaterThan(15)
    for (const [, before, file = '', after] of named) {
      expect(existsSync(path.join(root, file))).toBe(true)
      for (const word of [before, after].filter((one) => one !== undefined))
        expect(readFileSync(path.join(root, file), 'utf8')).toContain(word)
    }
  })

  test('has a row for the answer to each', () => {
    expect([...new Set(given.map(([check]) => Number(check)))]).toEqual(checks.map(({ number }) => number))
    for (const row of given) expect(row).toHaveLength(6)
  })

  test('an answer says when, where, by whom and of which version', () => {
    for (const [, date = '', site = '', of = '', who = '', seen = ''] of given.filter(
      (row) => row.slice(1).join('') !== '',
    )) {
      expect(date).toMatch(/^20\d\d-\d\d-\d\d$/)
      expect(site).toMatch(/^(?:China|global)$/)
      expect(of).toMatch(/^\d+\.\d+\.\d+$|^[0-9a-f]{7,40}$/)
      expect([who, seen]).not.toContain('')
    }
  })

  test('the version stays 0.x until all are answered', () => {
    const open = given.filter(([, date]) => date === '').map(([check]) => check)
    expect({ version, open: version.startsWith('0.') ? [] : open }).toEqual({ version, open: [] })
  })
})

/** Parameters of the calls that the page makes with the CLI. Source: the API's pages. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  DescribeScanTaskProgress: ['TaskId'],
  StartVirusScanTask: ['TargetInfo'],
  DescribeAssetDetailByUuids: ['Uuids', 'Lang'],
  ListVirusScanMachineEvent: ['Uuid', 'CurrentPage', 'PageSize', 'Lang'],
  ListVirusScanMachine: ['CurrentPage', 'PageSize', 'Lang'],
  DescribeCloudCenterInstances: ['Criteria', 'LogicalExp', 'MachineTypes', 'CurrentPage', 'PageSize', 'Lang'],
  DescribeAllGroups: ['Lang'],
  DescribeLatestScanTask: [],
  GetVirusScanLatestTaskStatistic: [],
}
const CLI_FLAGS = ['endpoint', 'version', 'force']

/** How the commands of each check end here: with the emulator's guesses, which a live account may contradict. */
const ENDS: Readonly<Record<number, readonly string[]>> = {
  1: ['unavailable', 'passed'],
  2: ['passed'],
  3: ['passed'],
  4: ['passed', 'incomplete'],
  5: ['passed'],
  6: ['started', 'started'],
  7: ['started'],
  8: ['passed'],
  9: ['passed'],
  10: ['incomplete'],
  11: ['incomplete'],
  12: ['denied', 'denied'],
  13: ['passed'],
  14: ['denied'],
  15: [],
}

const withBash =
  spawnSync('bash', ['--version']).status === 0 && process.platform !== 'win32' ? describe : describe.skip

/** An account where all is well. */
const WORLD = SCENARIOS.clean?.cloud as CloudState & { readonly fleet: Fleet }

withBash('the commands, with bash', () => {
  const { fleet, account } = WORLD
  const [web] = fleet.servers
  const spare = { ...web, uuid: '5a1f0c1e-0000-4000-8000-00000000aa99', name: 'spare', clientStatus: 'offline' }
  const ended = { targets: [{ type: 'uuid', name: 'web-01', target: web?.uuid ?? '' }], looks: [state('Success')] }
  const ids = ['282832', ...Array.from({ length: 30 }, (_, i) => String(9_000_000_001 + i))]
  const cloud: CloudState = {
    account,
    tasks: Object.fromEntries(ids.map((id) => [id, ended])),
    fleet: { ...fleet, servers: [...fleet.servers, spare as (typeof fleet.servers)[number]] },
  }

  let server: EmulatorServer
  let folder: string
  beforeAll(async () => {
    server = await startServer(new Cloud(cloud, Date.now))
    folder = mkdtempSync(path.join(tmpdir(), 'live-'))
    const program = (name: string, lines: string) => {
      writeFileSync(path.join(folder, name), `#!/usr/bin/env bash\n${lines}\n`)
      chmodSync(path.join(folder, name), 0o755)
    }
    const rehearsed = [
      'INPUT_REHEARSAL=true',
      `INPUT_ENDPOINT=${server.url}`,
      'INPUT_SETTLE-SECONDS=0',
      'INPUT_MIN-POLL-SECONDS=0.05',
    ]
    program(
      'node',
      `exec env ${rehearsed.join(' ')} '${process.execPath}' '${ACTION.replace(/dist.index\.js$/, '')}'"$1"`,
    )
    program('aliyun', `printf '%s\\n' "$*" >>'${folder}/asked'; echo '{}'`)
    for (const name of ['git', 'gh', 'sleep']) program(name, 'exit 0')
  })
  afterAll(async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('of the set-up name what the checks use', () => {
    const used = new Set(checks.flatMap(({ script }) => [...script.matchAll(/\$([A-Z_]+)/g)].map(([, name]) => name)))
    const set = [...setUp.matchAll(/(?<=[ ])([A-Z_]+)=/g)].map(([, name]) => name)
    expect([...used].filter((name) => !set.includes(name))).toEqual([])
  })

  test.each(checks)('$number. $title', async ({ number, script }) => {
    const functions = setUp.replaceAll(/^export .*$/gm, '')
    const all = `${functions}\n${script}`
    expect(spawnSync('bash', ['-n'], { input: all, encoding: 'utf8' }).stderr).toBe('')
    rmSync(path.join(folder, 'asked'), { force: true })
    const { output } = await bash(all, {
      PATH: `${folder}${path.delimiter}${process.env.PATH}`,
      ALIBABA_CLOUD_ACCESS_KEY_ID: account.accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: account.accessKeySecret,
      ALIBABA_CLOUD_SECURITY_TOKEN: account.securityToken ?? '',
      REGION_ID: 'cn-shanghai',
      ENDPOINT: 'tds.cn-shanghai.aliyuncs.com',
      SERVER: 'web-01',
      SERVER_UUID: web?.uuid ?? '',
      OFFLINE: 'spare',
      GROUP: 'databases',
      GROUP_ID: fleet.groups.find(({ name }) => name === 'databases')?.id ?? '',
      TASK_ID: '282832',
      // Nobody is at the address of a server's metadata service here.
      NODE_OPTIONS: `--require=${path.join(__dirname, 'support/networkMap.cjs')}`,
      NETWORK_MAP: '{}',
    })
    expect([...output.matchAll(/^ *verdict = (\S+)$/gm)].map(([, verdict]) => verdict)).toEqual(ENDS[number])
    for (const call of asked()) {
      const [product, action = '', ...rest] = call.split(' ')
      const names = rest.filter((word) => word.startsWith('--')).map((word) => word.slice(2))
      expect(product).toBe('sas')
      expect(Object.keys(PARAMETERS)).toContain(action)
      expect(names.filter((name) => ![...(PARAMETERS[action] ?? []), ...CLI_FLAGS].includes(name))).toEqual([])
    }
    expect(asked().length).toBe(output.split('{}').length - 1)
  })

  function asked(): readonly string[] {
    const file = path.join(folder, 'asked')
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  }
})

/** Runs a script in the root of the repository, with this environment and nothing else. */
function bash(script: string, env: NodeJS.ProcessEnv): Promise<{ readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', script], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    child.once('error', reject)
    child.once('close', () => resolve({ output }))
  })
}
