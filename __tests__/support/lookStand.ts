import type { SecurityCenter } from '../../src/adapters/securityCenter.ts'
import type * as answers from '../../src/emulator/answers.ts'
import { id } from './builders.ts'
import { type CenterOptions, type EmulatedCenter, emulatedCenter } from './emulatedCenter.ts'

/** The looks of the adapter as it is, with the real pop-core, against the emulated cloud on a real socket. */

const never = new AbortController().signal
export const targets = [{ type: 'uuid', name: 'web-01', target: 'u-1' }]

interface Stand extends Pick<EmulatedCenter, 'server' | 'rpc'> {
  look(task?: string, cancel?: AbortSignal): ReturnType<SecurityCenter['describeScanTaskProgress']>
}

export async function stand(
  looks: readonly answers.Look[],
  { task = '282832', ...options }: CenterOptions & { readonly task?: string } = {},
): Promise<Stand> {
  const { server, rpc, center } = await emulatedCenter({ tasks: { [task]: { targets, looks } } }, options)
  return { server, rpc, look: (asked = task, cancel = never) => center.describeScanTaskProgress(id(asked), cancel) }
}
