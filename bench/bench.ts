// `npm run bench`: figures to report, not to assert, since a machine's speed is nobody's promise.
import { benchDay } from './day.ts'
import { benchGate } from './gate.ts'
import { benchLooks } from './looks.ts'
import { benchSchedules } from './scheduleTables.ts'
import { benchStartup } from './startup.ts'

benchSchedules()
await benchStartup()
await benchLooks()
await benchDay()
await benchGate()
