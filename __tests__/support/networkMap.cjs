// Preloaded into the action by NODE_OPTIONS: stands in for name servers and routes, so that the bundle itself runs as
// it ships, with the names of the real hosts, and nothing ever leaves this machine.
//
// NETWORK_MAP  JSON: {"tds.cn-shanghai.aliyuncs.com:443": 12345}, host and port -> port of this machine
// NETWORK_LOG  a file that gets a line for every connection that is tried: "host:port"
const { appendFileSync } = require('node:fs')
const { Socket, _normalizeArgs: normalize } = require('node:net')

const map = JSON.parse(process.env.NETWORK_MAP ?? '{}')
const { connect } = Socket.prototype

Socket.prototype.connect = function (...args) {
  // Node's own callers hand over the array that it makes of what people may write.
  const normalized = Array.isArray(args[0]) ? args[0] : normalize(args)
  const [options] = normalized
  if (options.path) return connect.call(this, normalized)
  const { host = 'localhost', port } = options
  const asked = `${host}:${port}`
  if (process.env.NETWORK_LOG) appendFileSync(process.env.NETWORK_LOG, `${asked}\n`)
  if (map[asked] !== undefined) normalized[0] = { ...options, host: '127.0.0.1', port: map[asked] }
  else if (!/^(?:127\.[0-9.]+|localhost|::1)$/.test(host)) {
    const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND', hostname: host })
    process.nextTick(() => this.destroy(error))
    return this
  }
  return connect.call(this, normalized)
}
