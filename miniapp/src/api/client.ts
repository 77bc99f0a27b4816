/** The one way to call the API: typed by the OpenAPI document, logged in, refreshed, never silent. */
import { BASE } from '@/api/base'
import { currentToken, forgetSession, renew } from '@/api/session'
import { Problem, loggedOut, offline, problemOf } from '@/api/problem'
import type { paths } from '@/api/schema'

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
type JsonOf<T> = T extends { content: { 'application/json': infer Body } } ? Body : undefined
type Answers<O> = O extends { responses: infer R } ? R : never
type Success<R> = { [S in keyof R]: S extends 200 | 201 | 202 | 204 ? JsonOf<R[S]> : never }[keyof R]
type Part<O, Name extends string> = O extends { parameters: infer P }
  ? Name extends keyof P
    ? NonNullable<P[Name]>
    : undefined
  : undefined
type BodyOf<O> = O extends { requestBody?: { content: { 'application/json': infer B } } } ? B : undefined

type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends { [K in M]: { responses: unknown } } ? P : never
}[keyof paths]
type Operation<P extends keyof paths, M extends Method> = M extends keyof paths[P] ? paths[P][M] : never

/** What an operation gives back when all is well. */
export type Answer<P extends keyof paths, M extends Method> = Success<Answers<Operation<P, M>>>

/** What an operation takes. */
export interface Given<P extends keyof paths, M extends Method> {
  path?: Part<Operation<P, M>, 'path'>
  query?: Part<Operation<P, M>, 'query'>
  body?: BodyOf<Operation<P, M>>
  /** Idempotency-Key: the same key again is the same request again. */
  key?: string
  headers?: Record<string, string>
}

const TIMEOUT_MS = 15_000

/** GET; retried once when the network fails, since reading twice does no harm. */
export async function get<P extends PathsWith<'get'>>(path: P, given: Given<P, 'get'> = {}): Promise<Answer<P, 'get'>> {
  try {
    return await call('get', path, given)
  } catch (error) {
    if (error instanceof Problem && error.status === 0) return call('get', path, given)
    throw error
  }
}

/** POST. */
export function post<P extends PathsWith<'post'>>(path: P, given: Given<P, 'post'> = {}): Promise<Answer<P, 'post'>> {
  return call('post', path, given)
}

/** PUT. */
export function put<P extends PathsWith<'put'>>(path: P, given: Given<P, 'put'> = {}): Promise<Answer<P, 'put'>> {
  return call('put', path, given)
}

/** PATCH. */
export function patch<P extends PathsWith<'patch'>>(
  path: P,
  given: Given<P, 'patch'> = {},
): Promise<Answer<P, 'patch'>> {
  return call('patch', path, given)
}

/** DELETE. */
export function remove<P extends PathsWith<'delete'>>(
  path: P,
  given: Given<P, 'delete'> = {},
): Promise<Answer<P, 'delete'>> {
  return call('delete', path, given)
}

/** A key for a request that must not happen twice; keep it for the retry. */
export function newKey(): string {
  const random = () => Math.random().toString(36).slice(2, 12)
  return `${Date.now().toString(36)}-${random()}${random()}`
}

/** The address of an operation, for what is not JSON: pictures, files, streams. */
export function addressOf<P extends keyof paths>(path: P, parts: Record<string, string> = {}, query?: object): string {
  const filled = String(path).replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parts[name] ?? ''))
  return `${BASE}${filled}${queryOf(query)}`
}

/** Do something that asks for itself; when the session is only too old, once more after renewing it. */
export async function renewing<T>(action: () => Promise<T>): Promise<T> {
  const sent = currentToken()
  try {
    return await action()
  } catch (error) {
    if (!sent || !loggedOut(error)) throw error
    if (!(await renew(sent))) {
      forgetSession()
      throw error
    }
    return action()
  }
}

/** The headers that say who asks. */
export function authorisation(): Record<string, string> {
  const token = currentToken()
  return token ? { Authorization: `Bearer ${token}` } : {}
}

function call<P extends keyof paths, M extends Method>(method: M, path: P, given: Given<P, M>): Promise<Answer<P, M>> {
  return renewing(() => send(method, path, given))
}

function send<P extends keyof paths, M extends Method>(method: M, path: P, given: Given<P, M>): Promise<Answer<P, M>> {
  const headers: Record<string, string> = { ...authorisation(), ...given.headers }
  if (given.key) headers['Idempotency-Key'] = given.key
  if (given.body !== undefined) headers['Content-Type'] = 'application/json'
  let verb = method.toUpperCase()
  // #ifndef H5
  if (verb === 'PATCH') {
    // WeChat has no PATCH: the API takes a POST that says so.
    verb = 'POST'
    headers['X-HTTP-Method-Override'] = 'PATCH'
  }
  // #endif
  return new Promise((resolve, reject) => {
    uni.request({
      url: addressOf(path, given.path as Record<string, string> | undefined, given.query as object | undefined),
      method: verb as 'GET',
      header: headers,
      data: given.body === undefined ? undefined : JSON.stringify(given.body),
      timeout: TIMEOUT_MS,
      success: (reply) => {
        const { statusCode, data } = reply
        if (statusCode >= 200 && statusCode < 300) resolve(data as Answer<P, M>)
        else reject(problemOf(statusCode, data))
      },
      fail: () => reject(offline()),
    })
  })
}

function queryOf(query: object | undefined): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== '')
  if (!pairs.length) return ''
  return `?${pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`).join('&')}`
}
