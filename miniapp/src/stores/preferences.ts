/** How the citizen wants to see the pages: the elder view (长辈版), light or dark, the size of type. */
import { reactive, watch } from 'vue'

export type Theme = 'auto' | 'light' | 'dark'
export const SCALES = [1, 1.15, 1.3, 1.5] as const

export interface Preferences {
  elder: boolean
  theme: Theme
  scale: number
}

const KEY = 'preferences'

function kept(): Preferences {
  const found = uni.getStorageSync(KEY) as Partial<Preferences> | ''
  const chosen = found || {}
  return {
    elder: chosen.elder === true,
    theme: chosen.theme === 'light' || chosen.theme === 'dark' ? chosen.theme : 'auto',
    scale: SCALES.find((scale) => scale === chosen.scale) ?? 1,
  }
}

export const preferences = reactive(kept())

/** Keep what is chosen, and on H5 let the whole document follow. */
export function followPreferences(): void {
  watch(
    preferences,
    (chosen) => {
      uni.setStorageSync(KEY, { ...chosen })
      // #ifdef H5
      document.documentElement.dataset.theme = chosen.theme
      // #endif
    },
    { immediate: true },
  )
}
