/** What was typed to complete a case or bundle (补正) and is not sent yet: on this device, by what it belongs to. */
import { keepTyped } from '@/platform/keeping'

/** The name that it is kept by. */
export function correctionOf(id: string): string {
  return `correction:${id}`
}

/** Forget it: it was sent, perhaps from elsewhere, or is not asked for any more. */
export function forgetCorrection(id: string): void {
  keepTyped(correctionOf(id), {})
}
