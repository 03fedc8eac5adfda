import { type Endpoint, endpointOfRegion, isRegionId, readEndpoint } from '../domain/endpoint.ts'
import type { Refuse } from './reading.ts'

/** Which hosts are asked. */

export const REGION_VARIABLE = 'ALIBABA_CLOUD_REGION_ID'
const DEFAULT_REGION = 'cn-shanghai'

export function readCloud(
  regionInput: string,
  regionVariable: string,
  endpointInput: string,
  rehearsal: boolean,
  refuse: Refuse,
): Endpoint | undefined {
  const regionName = regionInput !== '' || regionVariable === '' ? 'region-id' : REGION_VARIABLE
  const region = regionInput || regionVariable || DEFAULT_REGION
  const regionIsGood = isRegionId(region)
  if (!regionIsGood) {
    refuse(regionName, region, 'is not a region id: it looks like cn-shanghai or ap-southeast-1')
  }
  if (endpointInput === '') {
    if (!rehearsal) return regionIsGood ? endpointOfRegion(region) : undefined
    refuse(
      'endpoint',
      undefined,
      'is empty: rehearsal: true needs the address of the emulator, such as http://127.0.0.1:8080',
    )
    return undefined
  }
  const reading = readEndpoint(endpointInput, regionIsGood ? region : DEFAULT_REGION, rehearsal)
  if ('endpoint' in reading) return reading.endpoint
  // A value with a user (https://user:password@host) or a query (a signed URL) may hold a secret: it is not repeated.
  refuse('endpoint', /[@?#]/.test(endpointInput) ? undefined : endpointInput, reading.problem)
  return undefined
}

/** Where STS is asked. In a rehearsal only where it is used: the default leads to the real one, and is refused then. */
export function readStsEndpoint(
  text: string,
  rehearsal: boolean,
  isUsed: boolean,
  refuse: Refuse,
): Endpoint | undefined {
  const reading = readEndpoint(text, DEFAULT_REGION, rehearsal)
  if ('endpoint' in reading) return reading.endpoint
  if (rehearsal && !isUsed) return undefined
  refuse('sts-endpoint', /[@?#]/.test(text) ? undefined : text, reading.problem)
  return undefined
}
