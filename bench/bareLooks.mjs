// The yardstick of a look: the same calls with nothing but pop-core. Ten at once each second, as the budget has it for
// many tasks, or one after the other.
import { Agent } from 'node:http'
import RPCClient from '@alicloud/pop-core'

const { URL: endpoint, LOOKS, PACE, ACCESS_KEY_ID, ACCESS_KEY_SECRET, SECURITY_TOKEN } = process.env
const agent = new Agent({ keepAlive: true })
const client = new RPCClient({
  endpoint,
  apiVersion: '2018-12-03',
  accessKeyId: ACCESS_KEY_ID,
  accessKeySecret: ACCESS_KEY_SECRET,
  securityToken: SECURITY_TOKEN,
})
const look = () =>
  client.request('DescribeScanTaskProgress', { TaskId: '282832' }, { method: 'POST', agent, timeout: 30_000 })

if (PACE === 'ten a second') {
  for (let left = Number(LOOKS); left > 0; left -= 10) {
    await Promise.all([
      ...Array.from({ length: Math.min(10, left) }, look),
      left > 10 && new Promise((resolve) => setTimeout(resolve, 1_000)),
    ])
  }
} else for (let left = Number(LOOKS); left > 0; left--) await look()
agent.destroy()
