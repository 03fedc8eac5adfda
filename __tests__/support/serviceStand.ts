import { type EmulatedAlert, type Fleet, server } from '../../src/emulator/fleet.ts'
import { Service, type ServiceState } from '../../src/emulator/service.ts'

/** The emulated Security Center, without a socket, and a small fleet. */

export const LONG = '9223372036854775807'
const alert = (eventId: string, level = 'serious'): EmulatedAlert => ({
  eventId,
  level,
  name: 'Webshell',
  lastSeen: 5,
})
export const fleet: Fleet = {
  groups: [
    { id: '10001', name: 'web' },
    { id: LONG, name: 'Databases' },
    { id: '10003', name: 'Default' },
  ],
  servers: [
    server(1, { alerts: [alert(LONG), alert('2', 'remind')] }),
    server(2, { clientStatus: 'offline' }),
    server(3, { name: 'web-011', authVersion: 1, bind: false }),
    server(4, { name: 'db', groupId: LONG, alerts: [alert('3')] }),
  ],
}
export const uuids = fleet.servers.map(({ uuid }) => uuid)
export const target = (changes = {}) => ({ type: 'uuid', name: 'web-01', target: uuids[0], ...changes })
export const START = { Action: 'StartVirusScanTask', TargetInfo: JSON.stringify([target()]) }

export function service(changes: Partial<ServiceState> = {}, wallClock = () => 0) {
  return new Service({ tasks: {}, fleet, ...changes }, wallClock)
}

/** Text, and what it says, of an answer that comes whole. */
export function called(stand: Service, action: string, params: Readonly<Record<string, string>> = {}) {
  const answer = stand.answer({ Action: action, ...params })
  if (answer.kind !== 'reply') throw new Error('no reply')
  return { status: answer.status, text: answer.text, ...JSON.parse(answer.text) }
}
