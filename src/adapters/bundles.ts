/**
 * What is a bundle of its own, so that only the runs that need it read its text: that would cost every run more than
 * all the rest of ours.
 */

export function loadYaml(): Promise<typeof import('./yaml.ts')> {
  return load('yaml.ts', 'yaml/index.js')
}

export function loadRepository(): Promise<typeof import('./github/repository.ts')> {
  return load('github/repository.ts', 'github/index.js')
}

export function loadEcsRole(): Promise<typeof import('./ecs/role.ts')> {
  return load('ecs/role.ts', 'ecs/index.js')
}

/** In the bundle this file is a part of dist/index.js; from the sources it is itself. */
function load<T>(source: string, bundle: string): Promise<T> {
  const here = import.meta.url
  const isSource = /[^/]*$/.exec(here)?.[0].includes('.ts') === true
  return import(/* webpackIgnore: true */ here.replace(/[^/]*$/, isSource ? source : bundle))
}
