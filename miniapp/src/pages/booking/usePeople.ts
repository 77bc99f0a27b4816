/** For whom one may book (给谁办): oneself, and who consented. */
import { computed, ref } from 'vue'
import { get } from '@/api/client'

const SELF = 'self'

export function usePeople() {
  const options = ref<{ value: string; label: string; note?: string }[]>([{ value: SELF, label: '我自己' }])
  const whom = ref([SELF])
  /** The consent (代办授权) to name, null for oneself. */
  const principal = computed(() => (whom.value[0] === SELF ? null : (whom.value[0] ?? null)))

  async function load(): Promise<void> {
    try {
      const { principals } = await get('/identity/principals')
      const others = principals.map(({ id, label, phone_masked: phone }) => ({
        value: id,
        label,
        note: phone ?? undefined,
      }))
      options.value = [{ value: SELF, label: '我自己' }, ...others]
      if (!options.value.some(({ value }) => value === whom.value[0])) whom.value = [SELF]
    } catch {
      // One can still book for oneself.
    }
  }

  return { options, whom, principal, load }
}
