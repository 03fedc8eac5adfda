import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A private CA and what it signed, made on the spot by OpenSSL: nothing here outlives the tests. */

export interface KeyPair {
  readonly key: string
  readonly cert: string
}

export interface Certificates {
  /** For NODE_EXTRA_CA_CERTS. */
  readonly caFile: string
  readonly ca: string
  /** For the hosts of the cloud, of GitHub and of this machine. */
  readonly good: KeyPair
  readonly expired: KeyPair
  /** In order, but for a host that nobody asks for. */
  readonly otherName: KeyPair
  readonly selfSigned: KeyPair
  remove(): void
}

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0

const HOSTS =
  'DNS:*.cn-shanghai.aliyuncs.com,DNS:*.aliyuncs.com,DNS:*.github.com,DNS:*.actions.githubusercontent.com,DNS:localhost,IP:127.0.0.1'
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

export function makeCertificates(): Certificates {
  const folder = mkdtempSync(path.join(tmpdir(), 'certificates-'))
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const read = (name: string): KeyPair => ({
    key: readFileSync(path.join(folder, `${name}.key`), 'utf8'),
    cert: readFileSync(path.join(folder, `${name}.pem`), 'utf8'),
  })
  const selfSigned = (name: string, subject: string, hosts: readonly string[]) => {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`]
    const extensions = hosts.flatMap((host) => ['-addext', host])
    openssl('req', '-x509', ...NEW_KEY, ...files, '-days', '1', '-subj', subject, ...extensions)
  }
  const signed = (name: string, hosts: string, dates: readonly string[]) => {
    openssl('req', ...NEW_KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    writeFileSync(path.join(folder, `${name}.ext`), `subjectAltName=${hosts}\n`)
    const files = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`]
    openssl('ca', '-batch', '-notext', '-config', 'ca.cnf', ...files, ...dates)
    return read(name)
  }

  selfSigned('ca', '/CN=A private CA', [])
  writeFileSync(path.join(folder, 'index.txt'), '')
  writeFileSync(path.join(folder, 'ca.cnf'), CA_SETTINGS)
  selfSigned('selfSigned', '/CN=self', [`subjectAltName=${HOSTS}`])
  const today = ['-days', '1']
  return {
    caFile: path.join(folder, 'ca.pem'),
    ca: read('ca').cert,
    good: signed('good', HOSTS, today),
    expired: signed('expired', HOSTS, ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z']),
    otherName: signed('otherName', 'DNS:elsewhere.example', today),
    selfSigned: read('selfSigned'),
    remove: () => rmSync(folder, { recursive: true }),
  }
}

const CA_SETTINGS = `
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
rand_serial = yes
certificate = ca.pem
private_key = ca.key
default_md = sha256
policy = any
[any]
commonName = supplied
`
