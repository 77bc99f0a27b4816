/** For whom one applies (给谁办): oneself, family with their consent, or an enterprise. */
import { computed, ref } from 'vue'
import { get } from '@/api/client'

const SELF = 'self'

export function useApplicant() {
  const options = ref<{ value: string; label: string; note?: string }[]>([{ value: SELF, label: '我自己' }])
  const who = ref([SELF])
  const applicant = computed(() => {
    const [kind, id] = (who.value[0] ?? SELF).split(':')
    return { principal: kind === 'person' ? (id ?? null) : null, enterprise: kind === 'company' ? (id ?? null) : null }
  })

  /** Whoever cannot be listed right now is left out: one can still apply for oneself. */
  async function load(): Promise<void> {
    const [people, companies] = await Promise.allSettled([get('/identity/principals'), get('/identity/enterprises')])
    const family = people.status === 'fulfilled' ? people.value.principals : []
    const own = companies.status === 'fulfilled' ? companies.value.enterprises : []
    options.value = [
      { value: SELF, label: '我自己' },
      ...family.map((each) => ({ value: `person:${each.id}`, label: each.label })),
      ...own.map((each) => ({ value: `company:${each.id}`, label: each.name })),
    ]
  }

  return { options, who, applicant, load }
}
