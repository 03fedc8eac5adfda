// The yardstick of the start-up: a bare Node process that makes one HTTP POST to the same server.
import { request } from 'node:http'

const body = 'Action=DescribeScanTaskProgress&TaskId=282832'
const call = request(process.env.URL, { method: 'POST', headers: { 'content-length': body.length } }, (response) => {
  let text = ''
  response.setEncoding('utf8')
  response.on('data', (chunk) => {
    text += chunk
  })
  response.on('end', () => process.stdout.write(text))
})
call.end(body)
