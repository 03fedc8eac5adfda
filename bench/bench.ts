// `npm run bench`: figures to report, not to assert, since a machine's speed is nobody's promise.
import { benchGate } from './gate.ts'
import { benchSchedules } from './scheduleTables.ts'
import { benchStartup } from './startup.ts'

benchSchedules()
await benchStartup()
await benchGate()
