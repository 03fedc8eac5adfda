// `npm run bench`: figures to report, not to assert, since a machine's speed is nobody's promise.
import { benchGate } from './gate.ts'
import { benchSchedule } from './schedule.ts'
import { benchStartup } from './startup.ts'

benchSchedule()
await benchStartup()
await benchGate()
