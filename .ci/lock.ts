import { nameOf } from './bundles.ts'

/** `package-lock.json`, of version 3, as far as it is asked. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

export interface LockedPackage {
  readonly version: string
  readonly license?: string
  readonly integrity?: string
  /** Where it came from, if the lock says so. Ours does not: then it is the registry that npm is set up with. */
  readonly resolved?: string
  readonly hasInstallScript?: boolean
  readonly inBundle?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** The package at a place below `node_modules`. */
export function locked(lock: Lock, place: string): LockedPackage & { readonly name: string } {
  const found = lock.packages[`node_modules/${place}`]
  if (found === undefined) throw new Error(`${place} is not in package-lock.json`)
  return { ...found, name: nameOf(place) }
}

/** The places of the packages that one depends on, found as Node finds them: beside it, or the nearest one further up. */
export function dependenciesOf(lock: Lock, place: string): readonly string[] {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = locked(lock, place)
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
  return names.flatMap((name) => {
    const steps = place.split('/node_modules/')
    const around = steps.map((_, at) => [...steps.slice(0, steps.length - at), name].join('/node_modules/'))
    return [...around, name].find((candidate) => `node_modules/${candidate}` in lock.packages) ?? []
  })
}
