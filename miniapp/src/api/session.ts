/** Whether the citizen is logged in on this device, and the two tokens that say so. */
import { reactive } from 'vue'
import { BASE } from '@/api/base'
import type { components } from '@/api/schema'
import { forgetTyped } from '@/platform/keeping'

type Session = components['schemas']['Session']

interface Kept {
  token: string
  refresh: string
  phone: string
}

const KEY = 'session'
const TIMEOUT_MS = 10_000

function kept(): Kept | null {
  const found = uni.getStorageSync(KEY) as Kept | ''
  return found && typeof found === 'object' && found.token ? found : null
}

/** `session.phone` is the masked number of who is logged in; null when nobody is. */
export const session = reactive<{ phone: string | null }>({ phone: kept()?.phone ?? null })

/** The token to send, or null. */
export function currentToken(): string | null {
  return kept()?.token ?? null
}

/** Keep a session that the API opened. */
export function keepSession(opened: Session): void {
  const { token, refresh_token: refresh, citizen } = opened
  uni.setStorageSync(KEY, { token, refresh, phone: citizen.phone_masked } satisfies Kept)
  session.phone = citizen.phone_masked
}

/** Forget a session that ended; what the citizen typed stays, for when he logs in again. */
export function forgetSession(): void {
  uni.removeStorageSync(KEY)
  session.phone = null
}

/** Leave this device (退出登录): whoever takes it next finds nothing that was typed. */
export function leaveDevice(): void {
  forgetSession()
  forgetTyped()
}

let renewing: Promise<boolean> | null = null

/**
 * Renew the session whose token was refused; false when it is over.
 * Calls at the same time share one renewal, and a tab that comes late finds the other's tokens.
 */
export function renew(refused: string): Promise<boolean> {
  if (currentToken() !== refused) return Promise.resolve(currentToken() !== null)
  renewing ??= askForNew().finally(() => {
    renewing = null
  })
  return renewing
}

function askForNew(): Promise<boolean> {
  const refresh = kept()?.refresh
  if (!refresh) return Promise.resolve(false)
  return new Promise((resolve) => {
    uni.request({
      url: `${BASE}/identity/sessions/refresh`,
      method: 'POST',
      // Two tabs may renew with the same token: the same key makes both hear the same answer.
      header: { 'Content-Type': 'application/json', 'Idempotency-Key': 'renew' },
      data: JSON.stringify({ refresh_token: refresh }),
      timeout: TIMEOUT_MS,
      success: ({ statusCode, data }) => {
        if (statusCode === 200) keepSession(data as Session)
        resolve(statusCode === 200)
      },
      fail: () => resolve(false),
    })
  })
}
